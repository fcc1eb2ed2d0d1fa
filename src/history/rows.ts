/** Rows of the state file, parsed into what the rest of gitopper knows. */
import type { SQLOutputValue } from "node:sqlite";
import { type BadCommit, verdicts } from "../model/bad-commit.ts";
import { parseCommit } from "../model/commit.ts";
import { deploymentResults, type FailedAt, type Trigger } from "../model/deployment/deployment.ts";
import { parsePhase } from "../model/deployment/phase.ts";
import { parseAbsPath } from "../model/path.ts";
import type { KeptDeployment, ServiceRecord } from "./kept.ts";
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
    commit: parseCommit(row.commit),
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

/** Milliseconds since 1970, or null. */
export function readInstant(value: SQLOutputValue | undefined): Date | null {
  return typeof value === "number" ? new Date(value) : null;
}

/** @throws Error when the row makes no sense */
export function readDeployment(row: Row): KeptDeployment {
  const to = parseCommit(row.to);
  if (to === null) throw new Error(`The state file is damaged: deployment ${row.id} has no commit`);
  return {
    id: Number(row.id),
    tries: Number(row.tries),
    service: String(row.service),
    from: parseCommit(row.from),
    to,
    trigger: readTrigger(row.trigger),
    by: String(row.by),
    result: deploymentResults.find((result) => result === row.result) ?? "failed",
    reason: String(row.reason),
    // Null also where an older gitopper did not say.
    failedAt: row.failed_at as FailedAt | null,
    evidence:
      typeof row.output === "string" ? { output: row.output, journal: String(row.journal ?? "") } : null,
    startedAt: new Date(Number(row.started_at)),
    tookMs: Number(row.took_ms ?? 0),
  };
}

/** State files up to version 7 use the name `thaw` for the trigger `freeze-expired`. */
export function readTrigger(value: SQLOutputValue | undefined): Trigger {
  return value === "thaw" ? "freeze-expired" : (String(value) as Trigger);
}

/** @throws Error when the row makes no sense */
export function readBadCommit(row: Row): BadCommit {
  const commit = parseCommit(row.commit);
  if (commit === null) throw new Error("The state file is damaged: a bad commit has no id");
  const verdict = verdicts.find((known) => known === row.verdict) ?? "ROLLED BACK";
  return { commit, verdict, reason: String(row.reason), at: new Date(Number(row.at)) };
}
