/** The JSON of the API; the client validates replies with these shapes. */
import * as z from "zod/mini";
import { deploymentResults } from "../model/deployment/deployment.ts";
import { stateNames } from "../model/state.ts";
import { deploying } from "./event-shapes.ts";
import { commit, count, instant, reason } from "./values.ts";

/** The reply to a change: what was decided, in one line. */
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

/** The deployed commit's; null: the host no longer has the commit. */
const wordsOfCommit = {
  subject: z.optional(z.nullable(z.string())),
  author: z.optional(z.nullable(z.string())),
};

export const serviceDetails = z.object({
  service: z.string(),
  /** The applied commit; null before the first deployment. */
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
  /** A commit that came while no window was open; `at` null: no window opens within a year. */
  waiting: z.nullable(z.object({ commit, at: z.nullable(instant), why: z.optional(z.string()) })),
  /** The newest commit of the branch is bad, and is not deployed again automatically. */
  bad: z.nullable(
    z.object({
      /** The commit that failed; the newest one has the same content for the service. */
      commit,
      verdict: z.enum(["REFUSED", "ROLLED BACK", "UNDONE"]),
      reason: z.string(),
      at: instant,
    }),
  ),
  upstream: z.string(),
  branch: z.string(),
  /** The newest commit of the branch at the last poll. */
  tip: z.nullable(commit),
  /** How many commits the tip is ahead; null: unknown. */
  behind: z.nullable(count),
  drift: z.string(),
  /** A reconcile is running or requested. */
  busy: z.boolean(),
  /** The running deployment; null: none. */
  deploying: z.nullable(z.object({ ...deploying.shape, ...wordsOfCommit })),
  /** When the last reconcile ended; null: none since the daemon's start. */
  lookedAt: z.nullable(instant),
  nextLookAt: z.nullable(instant),
  checkout: z.string(),
  user: z.string(),
  action: z.nullable(z.string()),
  /** As last seen; null: systemd is left alone, or was not queried yet. */
  unit: z.nullable(
    z.object({
      /** `active`, `failed`, … and in detail `running`, `auto-restart`, …, see systemctl(1). */
      active: z.string(),
      sub: z.string(),
      since: z.nullable(instant),
      /** How often systemd has restarted it automatically. */
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
  /** The person who requested it; empty: none. */
  by: z.optional(z.string()),
  result: z.enum(deploymentResults),
  reason: z.string(),
  /** Where it failed; null: it did not fail. */
  failedAt: z.nullable(z.enum(["check", "files", "unit", "health"])),
  /** The end of the failing check's or probe's output; null also when it was not requested. */
  output: z.nullable(z.string()),
  /** The last lines of the unit's journal at that time. */
  journal: z.nullable(z.string()),
  startedAt: instant,
  tookMs: z.number(),
  tries: count,
  /** True: the host no longer has the commit, so a rollback to it is impossible. */
  gone: z.optional(z.boolean()),
});
export type DeploymentRow = z.infer<typeof deploymentRow>;
/** `before` of the next page; null: this is the last one. */
const nextPage = z.nullable(count);
export const deploymentsReply = z.object({ deployments: z.array(deploymentRow), next: nextPage });

/** How current the answer is. */
const fromUpstream = {
  /** When upstream last answered; absent: not since the daemon's start. */
  asOf: z.optional(instant),
  /** Why upstream could not be polled now; newer commits are missing. */
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
  /** As `git diff` prints it. */
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
  /** The number of local edits, if not all of them are listed. */
  more: z.optional(z.string()),
  /** Tracked files and directories with another owner or mode; the first 1000. */
  attributes: z.array(z.object({ path: z.string(), is: z.string(), instead: z.string() })),
  mounts: z.array(
    z.object({ local: z.string(), link: z.string(), is: z.enum(["mounted", "absent", "elsewhere"]) }),
  ),
  unit: z.nullable(z.object({ load: z.string(), active: z.string(), file: z.string() })),
  /** Where local edits are that were overwritten: patches, and files that git could not read. The newest 100, oldest first. */
  saved: z.optional(z.array(z.string())),
});
export type DriftReply = z.infer<typeof driftReply>;

export const driftDiffReply = z.object({
  /** The commit of the checkout; null: there is none. */
  base: z.nullable(commit),
  /** The local edits as `git diff` prints them; invalid UTF-8 is `\351`. Empty: none. */
  diff: z.string(),
  /** The patch is too long: `diff` has only the names of the files. */
  truncated: z.boolean(),
  /** Edited files that are missing in it, and why. */
  omitted: z.array(z.object({ path: z.string(), why: z.string() })),
});
export type DriftDiffReply = z.infer<typeof driftDiffReply>;

export const planReply = z.object({
  to: z.nullable(commit),
  /** One line each, in order; empty: nothing to do. */
  steps: z.array(z.string()),
  ...fromUpstream,
  /** What a new commit waits for now, such as `a window`; `until` null: it does not open within a year. */
  waitsFor: z.optional(z.object({ why: z.string(), until: z.nullable(instant) })),
});
export type PlanReply = z.infer<typeof planReply>;

/** Oldest first, in the format short-iso of journalctl(1). */
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
/** `token` is shown only here. */
export const tokenCreatedReply = z.object({ token: z.string(), row: tokenRow });

const auditEntry = z.object({
  id: count,
  at: instant,
  who: z.string(),
  from: z.string(),
  door: z.enum(["socket", "http", "https", "ssh"]),
  credential: z.string(),
  /** The method and path of the request. */
  what: z.string(),
  reason: z.string(),
  /** The HTTP status of the reply. */
  status: z.int(),
  result: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditReply = z.object({ entries: z.array(auditEntry), next: nextPage });
