/** The JSON that goes over the wire; the client validates what it gets with these. */
import * as z from "zod/mini";
import { deploymentResults } from "../model/deployment.ts";
import { stateNames } from "../model/state.ts";
import { deploying } from "./deploying-shape.ts";
import { commit, count, instant, reason } from "./values.ts";

/** What a change of state answers: what was decided, in one line. */
export const messageReply = z.object({ message: z.string() });

/** RFC 9457. */
export const problemReply = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
});
export type ProblemReply = z.infer<typeof problemReply>;

export const hostReply = z.object({
  hostname: z.string(),
  names: z.array(z.string()),
  version: z.string(),
  startedAt: instant,
  now: instant,
  services: count,
  /** How many services are in each state. */
  states: z.record(z.string(), count),
  /** SHA-256 of the HTTPS certificate, as `SHA256:…`; null without HTTPS. */
  fingerprint: z.nullable(z.string()),
});
export type HostReply = z.infer<typeof hostReply>;

/** Of the commit that is deployed; null: the host no longer has the commit. */
const wordsOfCommit = {
  subject: z.optional(z.nullable(z.string())),
  author: z.optional(z.nullable(z.string())),
};

export const serviceDetails = z.object({
  service: z.string(),
  /** What is applied; null before the first deployment. */
  commit: z.nullable(commit),
  subject: z.nullable(z.string()),
  committedAt: z.nullable(instant),
  state: z.enum(stateNames),
  /** A code, for alerts and scripts; `info` is for people. */
  reason,
  info: z.string(),
  changedAt: instant,
  held: z.nullable(
    z.object({
      commit: z.nullable(commit),
      by: z.string(),
      reason: z.string(),
      since: z.nullable(instant),
      until: z.nullable(instant),
    }),
  ),
  /** A commit that has come while no window was open; `at` null: no window opens within a year. */
  waiting: z.nullable(z.object({ commit, at: z.nullable(instant), why: z.optional(z.string()) })),
  /** The newest commit of the branch is known to be bad, and is not tried again. */
  bad: z.nullable(
    z.object({
      /** The commit that showed it; the newest one has the same content for the service. */
      commit,
      verdict: z.enum(["REFUSED", "ROLLED BACK", "UNDONE"]),
      reason: z.string(),
      at: instant,
    }),
  ),
  upstream: z.string(),
  branch: z.string(),
  /** The newest commit of the branch, as the last look saw it. */
  tip: z.nullable(commit),
  /** How many commits the tip is ahead; null: not known. */
  behind: z.nullable(count),
  drift: z.string(),
  /** Work is under way, or asked for. */
  busy: z.boolean(),
  /** The deployment that is under way; null: none is. */
  deploying: z.nullable(z.object({ ...deploying.shape, ...wordsOfCommit })),
  /** When the last look at the service ended; null: none since the start. */
  lookedAt: z.nullable(instant),
  nextLookAt: z.nullable(instant),
  checkout: z.string(),
  user: z.string(),
  action: z.nullable(z.string()),
  /** As it was last seen; null: systemd is left alone, or was not asked yet. */
  unit: z.nullable(
    z.object({
      /** `active`, `failed`, … and in detail `running`, `auto-restart`, … as systemctl(1) has them. */
      active: z.string(),
      sub: z.string(),
      since: z.nullable(instant),
      /** How often systemd has started it again by itself. */
      restarts: count,
    }),
  ),
  links: z.array(z.object({ link: z.string(), local: z.nullable(z.string()), file: z.boolean() })),
});
export type ServiceDetails = z.infer<typeof serviceDetails>;
export const detailsReply = z.object({ services: z.array(serviceDetails) });

const deploymentRow = z.object({
  id: count,
  service: z.string(),
  from: z.nullable(commit),
  to: commit,
  ...wordsOfCommit,
  trigger: z.string(),
  /** The person whose request it was; empty: it was none. */
  by: z.optional(z.string()),
  result: z.enum(deploymentResults),
  reason: z.string(),
  /** Where it failed; null: it did not. */
  failedAt: z.nullable(z.enum(["check", "files", "unit", "health"])),
  /** The end of what the failing check or probe said; null also where it is not asked for. */
  output: z.nullable(z.string()),
  /** The last lines of the unit's journal at that time. */
  journal: z.nullable(z.string()),
  startedAt: instant,
  tookMs: z.number(),
  tries: count,
  /** True: the host does not have the commit any more, and nobody can go back to it. */
  gone: z.optional(z.boolean()),
});
export type DeploymentRow = z.infer<typeof deploymentRow>;
/** `before` of the next page; null: this is the last one. */
const nextPage = z.nullable(count);
export const deploymentsReply = z.object({ deployments: z.array(deploymentRow), next: nextPage });

/** Of what upstream has. */
const fromUpstream = {
  /** When it last answered; absent: not since the daemon's start. */
  asOf: z.optional(instant),
  /** Why it could not be asked now: what it has got since is not in this. */
  stale: z.optional(z.string()),
};

export const commitsReply = z.object({
  from: z.nullable(commit),
  to: z.nullable(commit),
  commits: z.array(z.object({ commit, subject: z.string(), author: z.string(), committedAt: instant })),
  /** There are more than these. */
  truncated: z.boolean(),
  ...fromUpstream,
});
export type CommitsReply = z.infer<typeof commitsReply>;

export const diffReply = z.object({
  from: z.nullable(commit),
  to: commit,
  /** As `git diff` has it. */
  diff: z.string(),
  truncated: z.boolean(),
  ...fromUpstream,
});
export type DiffReply = z.infer<typeof diffReply>;

export const driftReply = z.object({
  /** Empty: none. */
  drift: z.string(),
  /** The first 1000. */
  edits: z.array(z.object({ path: z.string(), kind: z.enum(["changed", "untracked"]) })),
  /** How many local edits there are, where not all of them are listed. */
  more: z.optional(z.string()),
  /** Files and directories of git's with another owner or mode; the first 1000. */
  attributes: z.array(z.object({ path: z.string(), is: z.string(), instead: z.string() })),
  mounts: z.array(
    z.object({ local: z.string(), link: z.string(), is: z.enum(["mounted", "absent", "elsewhere"]) }),
  ),
  unit: z.nullable(z.object({ load: z.string(), active: z.string(), file: z.string() })),
});
export type DriftReply = z.infer<typeof driftReply>;

export const planReply = z.object({
  to: z.nullable(commit),
  /** A line each, in their order; empty: nothing is to be done. */
  steps: z.array(z.string()),
  ...fromUpstream,
  /** What a new commit waits for now, such as `a window`; `until` null: it does not open within a year. */
  waitsFor: z.optional(z.object({ why: z.string(), until: z.nullable(instant) })),
});
export type PlanReply = z.infer<typeof planReply>;

/** Oldest first; as journalctl(1) has them with short-iso. */
export const unitLogReply = z.object({ lines: z.array(z.string()) });

const doctorCheck = z.object({
  name: z.string(),
  result: z.enum(["ok", "warning", "failed"]),
  detail: z.string(),
  /** What to do; empty when all is well. */
  remedy: z.string(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;
export const doctorReply = z.object({ checks: z.array(doctorCheck) });

export const eventRow = z.object({
  id: count,
  at: instant,
  type: z.enum(["state-changed", "deployment-ended", "service-removed"]),
  service: z.string(),
  /** For people, in one line. */
  text: z.string(),
  commit: z.nullable(commit),
  state: z.nullable(z.enum(stateNames)),
  /** Of the state, as services have it; null for other types of event. */
  reason,
});
export type EventRow = z.infer<typeof eventRow>;
export const eventsReply = z.object({ events: z.array(eventRow) });

export const role = z.enum(["read", "operate"]);

const tokenRow = z.object({
  id: z.string(),
  name: z.string(),
  role,
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: z.nullable(instant),
  lastUsedAt: z.nullable(instant),
  revokedAt: z.nullable(instant),
});
export type TokenRow = z.infer<typeof tokenRow>;
export const tokensReply = z.object({ tokens: z.array(tokenRow) });
/** `token` is shown this once. */
export const tokenCreatedReply = z.object({ token: z.string(), row: tokenRow });

const auditEntry = z.object({
  id: count,
  at: instant,
  who: z.string(),
  from: z.string(),
  door: z.enum(["socket", "http", "https", "ssh"]),
  credential: z.string(),
  /** The route's method and path, as asked. */
  what: z.string(),
  reason: z.string(),
  /** The HTTP status that it was answered with. */
  status: z.int(),
  result: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditReply = z.object({ entries: z.array(auditEntry), next: nextPage });
