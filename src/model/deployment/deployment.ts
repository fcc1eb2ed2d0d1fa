/** One attempt to bring a service from one commit to another, as kept in the history. */
import type { Commit } from "../commit.ts";
import type { Evidence } from "../problem.ts";

/** What started it: a poll, a person, the clock, the daemon's start, drift, or a bad commit. */
export const triggers = [
  "poll",
  "heal",
  "start",
  "webhook",
  "window",
  "freeze-expired",
  "revert",
  "pull",
  "rollback",
  "unfreeze",
] as const;
export type Trigger = (typeof triggers)[number];

/** Of two triggers of one deployment the later one in `triggers`, where requests of people come last. */
export function moreTelling(one: Trigger, other: Trigger): Trigger {
  return triggers.indexOf(one) < triggers.indexOf(other) ? other : one;
}

/** Where a deployment failed: before files were visible, at files and mounts, at the systemctl verb, or afterwards. */
export type FailedAt = "check" | "files" | "unit" | "health";

/**
 * `superseded`: a person or a newer commit replaced it before the service was known to be healthy;
 * `interrupted`: the daemon was stopped before that. Neither says anything about the commit.
 */
export const deploymentResults = ["done", "failed", "superseded", "interrupted"] as const;
export type DeploymentResult = (typeof deploymentResults)[number];

export interface Deployment {
  readonly service: string;
  /** Null: the first deployment. */
  readonly from: Commit | null;
  readonly to: Commit;
  readonly trigger: Trigger;
  /** The person who requested it; empty: none. */
  readonly by: string;
  readonly result: DeploymentResult;
  /** Why it failed, or a note (such as a rewritten history); empty: nothing to say. */
  readonly reason: string;
  /** Null: it did not fail. */
  readonly failedAt: FailedAt | null;
  readonly evidence: Evidence | null;
  readonly startedAt: Date;
  readonly tookMs: number;
}
