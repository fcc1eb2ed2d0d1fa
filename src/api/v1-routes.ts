/** Version 1: the routes that read. */
import * as z from "zod/mini";
import type { Freshness } from "../model/state.ts";
import { may } from "./caller.ts";
import { eventsReply } from "./event-shapes.ts";
import { eventStream } from "./event-stream.ts";
import type { Host, Page } from "./host.ts";
import { found, json, problem, refusal } from "./problem.ts";
import { commitQuery, eventsQuery, pageQuery } from "./requests.ts";
import { type Reply, type Route, type RouteInput, route } from "./route.ts";
import {
  commitsReply,
  type DeploymentRow,
  deploymentsReply,
  detailsReply,
  diffReply,
  doctorReply,
  driftDiffReply,
  driftReply,
  hostReply,
  planReply,
  serviceDetails,
} from "./shapes.ts";
import { confidential, nextOf, one, serviceOf, v1 } from "./v1.ts";

const reading = { method: "GET", role: "read" } as const;

/** Hosts, services, events: for every caller that may read. */
export const readingRoutes: readonly Route[] = [
  route({
    ...reading,
    path: `${v1}/host`,
    purpose: "The host and its daemon: names, version, and the number of services in each state.",
    reply: hostReply,
    handle: (host) => json(200, host.about()),
  }),
  route({
    ...reading,
    path: `${v1}/services`,
    purpose: "All services, with their details.",
    reply: detailsReply,
    handle: async (host) => json(200, { services: await host.details() }),
  }),
  route({
    ...reading,
    path: one,
    purpose: "One service, with its details.",
    reply: serviceDetails,
    handle: (host, input) => found(host.detailsOf(serviceOf(input))),
  }),
  route({
    ...reading,
    path: `${one}/deployments`,
    purpose: "The deployments of the service, newest first. For the next page, set `before` to the last id.",
    query: pageQuery,
    reply: deploymentsReply,
    handle: (host, input) => deployments(host, input, { output: null, journal: null }),
  }),
  route({
    // The output of programs and units may contain secrets.
    ...confidential,
    path: `${one}/deployments/output`,
    act: "log",
    purpose:
      "The same, with the output of failed checks and probes, and the end of the unit's journal at that time.",
    query: pageQuery,
    reply: deploymentsReply,
    handle: (host, input) => deployments(host, input, {}),
  }),
  route({
    ...reading,
    path: `${one}/ahead`,
    purpose: "The commits that a pull or an unfreeze would bring, newest first. Polls upstream.",
    asksUpstream: true,
    reply: commitsReply,
    handle: (host, input) => found(host.ahead(serviceOf(input), freshFor(input))),
  }),
  route({
    // Files may be secret from some users of the host, and upstream from some people.
    ...confidential,
    path: `${one}/diff`,
    act: "diff",
    purpose:
      "The changes to the service's files that a pull, or a rollback to the commit `to`, would make. Polls upstream.",
    query: commitQuery,
    reply: diffReply,
    handle: (host, input) => found(host.diff(serviceOf(input), input.query.to ?? null)),
  }),
  route({
    ...reading,
    path: `${one}/drift`,
    purpose: "The drift of the service: local edits, attributes, mounts, and the unit.",
    reply: driftReply,
    handle: (host, input) => found(host.drift(serviceOf(input))),
  }),
  route({
    // As with `diff`: files may be secret from some users of the host.
    ...confidential,
    path: `${one}/drift/diff`,
    act: "drift --diff",
    purpose:
      "The local edits of the service's files, as a patch against the commit of its checkout, without files larger than 1 MiB.",
    reply: driftDiffReply,
    handle: (host, input) => found(host.driftDiff(serviceOf(input))),
  }),
  route({
    ...reading,
    path: `${one}/plan`,
    purpose: "The steps that a pull, or a rollback to the commit `to`, would take now. Polls upstream.",
    asksUpstream: true,
    query: commitQuery,
    reply: planReply,
    handle: (host, input) =>
      found(host.plan(serviceOf(input), { to: input.query.to ?? null, fresh: freshFor(input) })),
  }),
  route({
    ...reading,
    path: `${one}/events`,
    purpose: "The events of the service after the event `after`, oldest first.",
    query: eventsQuery,
    reply: eventsReply,
    handle: (host, input) => serviceEvents(host, input),
  }),
  route({
    ...reading,
    path: `${v1}/events`,
    purpose:
      "All events from now on, as server-sent events; with `Last-Event-ID`, first those since that event. " +
      "In addition, `progress` events report each step of a deployment, and the health once a second while it is verified. They " +
      "have no id, are not stored, and have `service`, `text` and the fields of `deploying`.",
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
    ...reading,
    path: `${v1}/doctor`,
    purpose:
      "Examines what gitopper needs (git, systemd, mounts, clock, disk, upstreams), with a remedy for each problem. Callers with the role `read` may get a result that is up to 5 s old.",
    asksUpstream: true,
    reply: doctorReply,
    handle: async (host, input) => json(200, { checks: await host.doctor(freshFor(input)) }),
  }),
];

/** `hidden` replaces fields of each deployment. */
function deployments(host: Host, input: RouteInput<Page>, hidden: Partial<DeploymentRow>): Promise<Reply> {
  return found(host.deployments(serviceOf(input), input.query), (rows) => ({
    deployments: rows.map((row) => ({ ...row, ...hidden })),
    next: nextOf(rows, input.query),
  }));
}

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
