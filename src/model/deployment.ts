/** One try to bring a service from one commit to another, as the history keeps it. */
import type { Commit } from "./commit.ts";
import type { Evidence } from "./problem.ts";

/** What set it off: a look at the upstream, a person, the clock, the start of the daemon, drift, or a bad commit. */
export const triggers = [
  "poll",
  "heal",
  "start",
  "webhook",
  "window",
  "thaw",
  "revert",
  "pull",
  "rollback",
  "unfreeze",
] as const;
export type Trigger = (typeof triggers)[number];

/** Of two that set off one deployment: the one later in `triggers`, where a person's request stands last. */
export function moreTelling(one: Trigger, other: Trigger): Trigger {
  return triggers.indexOf(one) < triggers.indexOf(other) ? other : one;
}

/** Where a deployment failed: before anything was seen, at files and mounts, at systemd's verb, or afterwards. */
export type FailedAt = "check" | "files" | "unit" | "health";

/**
 * `superseded`: a person, or a newer commit, wanted something else before the service was known to be well;
 * `interrupted`: the daemon was stopped before that. Neither says anything about the commit.
 */
export const deploymentResults = ["done", "failed", "superseded", "interrupted"] as const;
export type DeploymentResult = (typeof deploymentResults)[number];

export interface Deployment {
  readonly service: string;
  /** Null: the first one. */
  readonly from: Commit | null;
  readonly to: Commit;
  readonly trigger: Trigger;
  /** The person whose request it was; empty: it was none. */
  readonly by: string;
  readonly result: DeploymentResult;
  /** Why it failed, or what is worth knowing (such as a rewritten history); empty when plain. */
  readonly reason: string;
  /** Null: it did not. */
  readonly failedAt: FailedAt | null;
  readonly evidence: Evidence | null;
  readonly startedAt: Date;
  readonly tookMs: number;
}
