/** Rows of the state file, parsed into what the rest of gitopper knows. */
import type { SQLOutputValue } from "node:sqlite";
import { type BadCommit, verdicts } from "../model/bad-commit.ts";
import { type Commit, parseCommit } from "../model/commit.ts";
import {
  type DeploymentResult,
  deploymentResults,
  type FailedAt,
  type Trigger,
} from "../model/deployment/deployment.ts";
import { parsePhase } from "../model/deployment/phase.ts";
import { parseAbsPath } from "../model/path.ts";
import type { KeptDeployment, LastDeployment, ServiceRecord } from "./kept.ts";
import { readState } from "./read-state.ts";

export type Row = Record<string, SQLOutputValue>;

/** @throws Error when the row makes no sense */
export function readRecord(row: Row): ServiceRecord {
  const checkout = parseAbsPath(String(row.checkout));
  const store = parseAbsPath(String(row.store));
  if (checkout === null || store === null)
    throw new Error(`The state file is damaged: service ${row.service}`);
  const changedAt = new Date(Number(row.changed_at));
  return {
    service: String(row.service),
    commit: readCommit(row.commit),
    origin: String(row.origin),
    phase: parsePhase(String(row.phase)),
    links: String(row.links),
    checkout,
    store,
    user: String(row.user),
    state: readState(String(row.state), changedAt),
    changedAt,
    enabled: row.enabled === 1,
  };
}

export function readCommit(value: SQLOutputValue | undefined): Commit | null {
  return typeof value === "string" ? parseCommit(value) : null;
}

/** Milliseconds since 1970, or null. */
export function readInstant(value: SQLOutputValue | undefined): Date | null {
  return typeof value === "number" ? new Date(value) : null;
}

/** @throws Error when the row makes no sense */
export function readDeployment(row: Row): KeptDeployment {
  const to = readCommit(row.to);
  if (to === null) throw new Error(`The state file is damaged: deployment ${row.id} has no commit`);
  return {
    id: Number(row.id),
    tries: Number(row.tries),
    service: String(row.service),
    from: readCommit(row.from),
    to,
    trigger: readTrigger(row.trigger),
    by: String(row.by),
    result: readResult(row.result),
    reason: String(row.reason),
    failedAt: readFailedAt(row.failed_at),
    evidence:
      typeof row.output === "string" ? { output: row.output, journal: String(row.journal ?? "") } : null,
    startedAt: new Date(Number(row.started_at)),
    tookMs: Number(row.took_ms ?? 0),
  };
}

/** Null: its row makes no sense. */
export function readLast(row: Row): LastDeployment | null {
  const to = readCommit(row.to);
  if (to === null) return null;
  return {
    id: Number(row.id),
    to,
    trigger: readTrigger(row.trigger),
    by: String(row.by),
    result: row.result === "running" ? "running" : readResult(row.result),
  };
}

export function readResult(value: SQLOutputValue | undefined): DeploymentResult {
  return deploymentResults.find((result) => result === value) ?? "failed";
}

/** State files up to version 7 have `thaw` for the trigger `freeze-expired`. */
export function readTrigger(value: SQLOutputValue | undefined): Trigger {
  return value === "thaw" ? "freeze-expired" : (String(value) as Trigger);
}

/** Null where it did not fail, and where an older gitopper did not say. */
export function readFailedAt(value: SQLOutputValue | undefined): FailedAt | null {
  return typeof value === "string" ? (value as FailedAt) : null;
}

/** @throws Error when the row makes no sense */
export function readBadCommit(row: Row): BadCommit {
  const commit = readCommit(row.commit);
  if (commit === null) throw new Error("The state file is damaged: a bad commit has no id");
  const verdict = verdicts.find((known) => known === row.verdict) ?? "ROLLED BACK";
  return { commit, verdict, reason: String(row.reason), at: new Date(Number(row.at)) };
}
