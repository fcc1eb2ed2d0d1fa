/** Version 1: what tells. */
import * as z from "zod/mini";
import { found, refusal } from "./answers.ts";
import { may } from "./caller.ts";
import { driftDiffReply } from "./drift-diff-shape.ts";
import { eventStream } from "./event-stream.ts";
import type { Freshness, Host } from "./host.ts";
import { nextOf } from "./page.ts";
import { json, problem } from "./problem.ts";
import { commitQuery, eventsQuery, pageQuery } from "./requests.ts";
import { type Reply, type Route, type RouteInput, route } from "./route.ts";
import {
  commitsReply,
  deploymentsReply,
  detailsReply,
  diffReply,
  doctorReply,
  driftReply,
  eventsReply,
  hostReply,
  planReply,
  serviceDetails,
} from "./shapes.ts";
import { one, serviceOf, v1 } from "./v1.ts";

/** Hosts, services, events: what everyone may read who may read at all. */
export const readingRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: `${v1}/host`,
    role: "read",
    purpose: "The host and its daemon: names, version, how many services are in each state.",
    reply: hostReply,
    handle: (host) => json(200, host.about()),
  }),
  route({
    method: "GET",
    path: `${v1}/services`,
    role: "read",
    purpose: "Every service, with all that is known of it.",
    reply: detailsReply,
    handle: async (host) => json(200, { services: await host.details() }),
  }),
  route({
    method: "GET",
    path: one,
    role: "read",
    purpose: "One service, with all that is known of it.",
    reply: serviceDetails,
    handle: (host, input) => found(host.detailsOf(serviceOf(input))),
  }),
  route({
    method: "GET",
    path: `${one}/deployments`,
    role: "read",
    purpose: "The service's deployments, newest first; `before` the id of the last one gives the next page.",
    query: pageQuery,
    reply: deploymentsReply,
    handle: async (host, input) =>
      found(host.deployments(serviceOf(input), input.query), (rows) => ({
        deployments: rows.map((row) => ({ ...row, output: null, journal: null })),
        next: nextOf(rows, input.query),
      })),
  }),
  route({
    method: "GET",
    path: `${one}/deployments/output`,
    act: "log",
    // What programs and units say is not ours to judge: it may hold secrets.
    role: "operate",
    purpose:
      "The same, with what failing checks and probes said, and the end of the unit's journal at that time.",
    query: pageQuery,
    reply: deploymentsReply,
    handle: async (host, input) =>
      found(host.deployments(serviceOf(input), input.query), (rows) => ({
        deployments: rows,
        next: nextOf(rows, input.query),
      })),
  }),
  route({
    method: "GET",
    path: `${one}/ahead`,
    role: "read",
    purpose:
      "The commits that a pull, or letting go of a held service, would bring; newest first. Upstream is asked for them.",
    asksUpstream: true,
    reply: commitsReply,
    handle: (host, input) => found(host.ahead(serviceOf(input), freshFor(input))),
  }),
  route({
    method: "GET",
    path: `${one}/diff`,
    act: "diff",
    // Files may be for some users of the host alone, and upstream for some people.
    role: "operate",
    purpose:
      "What would change in the service's files with a pull, for which upstream is asked, or with a rollback to the commit `to`.",
    query: commitQuery,
    reply: diffReply,
    handle: (host, input) => found(host.diff(serviceOf(input), input.query.to ?? null)),
  }),
  route({
    method: "GET",
    path: `${one}/drift`,
    role: "read",
    purpose: "What is not as the commit has it: local edits, mounts, the unit.",
    reply: driftReply,
    handle: (host, input) => found(host.drift(serviceOf(input))),
  }),
  route({
    method: "GET",
    path: `${one}/drift/diff`,
    act: "drift --diff",
    // As with `diff`: files may be for some users of the host alone.
    role: "operate",
    purpose:
      "What local edits have changed in the service's files, as a patch against what its checkout is at; without files larger than 1 MiB.",
    reply: driftDiffReply,
    handle: (host, input) => found(host.driftDiff(serviceOf(input))),
  }),
  route({
    method: "GET",
    path: `${one}/plan`,
    role: "read",
    purpose:
      "The steps that a pull, for which upstream is asked, or a rollback to the commit `to`, would take now.",
    asksUpstream: true,
    query: commitQuery,
    reply: planReply,
    handle: (host, input) =>
      found(host.plan(serviceOf(input), { to: input.query.to ?? null, fresh: freshFor(input) })),
  }),
  route({
    method: "GET",
    path: `${one}/events`,
    role: "read",
    purpose: "What happened to the service, oldest first, after the event `after`.",
    query: eventsQuery,
    reply: eventsReply,
    handle: (host, input) => serviceEvents(host, input),
  }),
  route({
    method: "GET",
    path: `${v1}/events`,
    role: "read",
    purpose:
      "What happens from now on, as server-sent events; with `Last-Event-ID` first what has happened since that event. " +
      "In between, `progress` events tell of each step of a deployment, and of the service's health once a second: they " +
      "have no id, are not kept, and have `service`, `text` and what `deploying` of a service has.",
    reply: null,
    streams: true,
    handle: (host, { lastEventId, signal }) => {
      const after = lastEventId === null ? null : z.safeParse(eventId, lastEventId);
      if (after?.success === false) return problem(400, "Last-Event-ID is not the id of an event");
      const from = after?.data ?? host.newestEvent();
      return eventStream(host.followEvents(from, signal), from, signal);
    },
  }),
  route({
    method: "GET",
    path: `${v1}/doctor`,
    role: "read",
    purpose:
      "Looks at what gitopper needs (git, systemd, mounts, clock, disk, upstreams), with what to do about it. Callers that may only read get an answer that is up to 5 s old.",
    asksUpstream: true,
    reply: doctorReply,
    handle: async (host, input) => json(200, { checks: await host.doctor(freshFor(input)) }),
  }),
];

function freshFor({ caller }: Pick<RouteInput, "caller">): Freshness {
  return may(caller, "operate") ? "now" : "lately";
}

const eventId = z.coerce.number().check(z.int(), z.minimum(0));

async function serviceEvents(host: Host, input: RouteInput<z.output<typeof eventsQuery>>): Promise<Reply> {
  const service = serviceOf(input);
  const known = await host.detailsOf(service);
  if (!known.ok) return refusal(known);
  return json(200, { events: host.events({ ...input.query, service }) });
}
