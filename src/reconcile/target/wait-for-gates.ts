/** Whether a new commit has to wait before it is deployed. */
import type { Commit } from "../../model/commit.ts";
import type { Phase } from "../../model/deployment/phase.ts";
import type { Waiting } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { askGates, type Gate } from "../../rollout/gates/gate.ts";
import { headOf } from "../../rollout/phase.ts";
import { sameAtLinks } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

export interface GateTools {
  readonly gates: readonly Gate[];
  readonly records: Pick<Records, "get">;
  readonly clock: Clock;
}

/**
 * Null: it may go in now. Never held back are the first commit of a service, one whose deployment has begun, and one
 * that the service would not notice.
 */
export async function waitForGates(
  managed: ManagedService,
  to: Commit,
  { gates, records, clock }: GateTools,
): Promise<Waiting | null> {
  const { name } = managed.service;
  const { commit, phase } = records.get(name);
  const head = headOf(phase);
  if (gates.length === 0 || commit === null || hasBegun(phase, to)) return null;
  const answer = askGates(gates, name, clock.now());
  if (answer.open) return null;
  const unnoticed =
    (await sameAtLinks(managed, commit, to)) && (head === null || (await sameAtLinks(managed, head, to)));
  return unnoticed ? null : { commit: to, until: answer.opensAt, why: answer.why };
}

/** Cut off, or failed half-way: some files may be the commit's already, so that waiting would be one more change. */
function hasBegun(phase: Phase, to: Commit): boolean {
  if (phase.at === "verified" || phase.to !== to) return false;
  return phase.result === "running" || (phase.result === "failed" && phase.at === "publishing");
}
