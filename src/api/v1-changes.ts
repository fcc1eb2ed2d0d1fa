/** Version 1: the routes that change something. */
import type * as z from "zod/mini";
import { parseDuration } from "../model/text/duration.ts";
import type { Host } from "./host.ts";
import { answered, found, json, problem, refusal } from "./problem.ts";
import {
  asideBody,
  freezeBody,
  pageQuery,
  pullBody,
  releaseBody,
  resumeBody,
  rollbackBody,
  tokenBody,
  unitLogQuery,
} from "./requests.ts";
import { type Reply, type Route, type RouteInput, route } from "./route.ts";
import { auditReply, messageReply, tokenCreatedReply, tokensReply, unitLogReply } from "./shapes.ts";
import { confidential, nextOf, one, serviceOf, v1 } from "./v1.ts";

const asideMaxMs = 24 * 3_600_000;

const changing = { method: "POST", role: "operate", reply: messageReply } as const;

/** Freeze, roll back, pull; tokens and the audit trail. */
export const changingRoutes: readonly Route[] = [
  route({
    ...changing,
    path: `${one}/pull`,
    act: "pull",
    purpose:
      "Poll upstream now. `overrideWindow` deploys new commits although no window is open; `again` retries a commit that was refused or rolled back.",
    body: pullBody,
    handle: (host, input) => answered(host.pull(serviceOf(input), { ...input.body, by: input.caller.who })),
  }),
  route({
    ...changing,
    path: `${one}/freeze`,
    act: "freeze",
    purpose: "Stop following upstream: `for` a duration, `until` a time, or until `unfreeze`.",
    body: freezeBody,
    handle: (host, input) => freeze(host, input),
  }),
  route({
    ...changing,
    path: `${one}/unfreeze`,
    act: "unfreeze",
    purpose: "Follow upstream again, and poll it now.",
    handle: (host, input) => answered(host.unfreeze(serviceOf(input), { by: input.caller.who })),
  }),
  route({
    ...changing,
    path: `${one}/rollback`,
    act: "rollback",
    purpose:
      "Deploy a commit of the branch's history, given by its full id or an unambiguous prefix, and stay there.",
    body: rollbackBody,
    handle: (host, { params, body: { commit: hash, reason }, caller }) =>
      answered(host.rollback(serviceOf({ params }), { by: caller.who, reason, hash })),
  }),
  route({
    ...changing,
    path: `${v1}/aside`,
    act: "aside",
    purpose:
      "Unmount the single files of a `service`, or of all services, `for` a duration, so that a package manager can replace the files below.",
    body: asideBody,
    handle: (host, { body }) => {
      const forMs = parseDuration(body.for);
      return forMs && forMs <= asideMaxMs
        ? answered(host.aside({ service: body.service ?? null, forMs }))
        : problem(400, "`for` has to be a time such as 15m, of 24h at most");
    },
  }),
  route({
    ...changing,
    path: `${v1}/resume`,
    act: "resume",
    purpose: "Mount the files again that `aside` has unmounted, and run the actions.",
    body: resumeBody,
    handle: (host, { body }) => answered(host.resume(body.service ?? null)),
  }),
  route({
    ...changing,
    path: `${v1}/release`,
    act: "release",
    purpose:
      "Put the files of a `service`, or of all services, in the place of their mounts, and leave them alone until `unfreeze`.",
    body: releaseBody,
    handle: (host, { body: { service = null, reason }, caller }) =>
      answered(host.release({ service, reason, by: caller.who })),
  }),
  route({
    // The output of a unit may contain secrets.
    ...confidential,
    path: `${one}/log`,
    act: "reading a unit's log",
    purpose: "The last lines of the journal of the service's unit.",
    query: unitLogQuery,
    reply: unitLogReply,
    handle: (host, input) => found(host.unitLog(serviceOf(input), input.query.lines), (lines) => ({ lines })),
  }),
  route({
    ...confidential,
    path: `${v1}/tokens`,
    act: "token list",
    purpose: "All tokens, without their secrets.",
    reply: tokensReply,
    handle: (host) => json(200, { tokens: host.tokens.list() }),
  }),
  route({
    ...changing,
    path: `${v1}/tokens`,
    act: "token new",
    purpose: "Create a token. Only this answer contains it.",
    body: tokenBody,
    reply: tokenCreatedReply,
    handle: (host, input) => createToken(host, input),
  }),
  route({
    ...changing,
    method: "DELETE",
    path: `${v1}/tokens/{token}`,
    act: "token revoke",
    purpose: "Revoke a token, given by its name or id.",
    handle: (host, { params }) => answered(host.tokens.revoke(params.token ?? "")),
  }),
  route({
    ...confidential,
    path: `${v1}/audit`,
    act: "audit",
    purpose: "The audit trail: who requested which change from where, and the result; newest first.",
    query: pageQuery,
    reply: auditReply,
    handle: (host, input) => {
      const entries = host.audit.list(input.query);
      return json(200, { entries, next: nextOf(entries, input.query) });
    },
  }),
];

function freeze(host: Host, input: RouteInput<unknown, z.output<typeof freezeBody>>): Promise<Reply> | Reply {
  const { reason, for: span, until } = input.body;
  if (span !== undefined && until !== undefined)
    return problem(400, "Give either `for` or `until`, not both");
  const spanMs = span === undefined ? null : parseDuration(span);
  if (span !== undefined && !spanMs) return problem(400, "`for` has to be a time such as 30m, 2h or 1h30m");
  const end = until !== undefined ? new Date(until) : spanMs === null ? null : new Date(Date.now() + spanMs);
  return answered(host.freeze(serviceOf(input), { by: input.caller.who, reason, until: end }));
}

function createToken(host: Host, input: RouteInput<unknown, z.output<typeof tokenBody>>): Reply {
  const { name, role, expiresAt: end } = input.body;
  const expiresAt = end === null ? null : new Date(end);
  const made = host.tokens.create({ name, role, expiresAt, by: input.caller.who });
  if (!made.ok) return refusal(made);
  return { ...json(200, { token: made.token, row: made.row }), auditDetail: `Made token ${name} (${role})` };
}
