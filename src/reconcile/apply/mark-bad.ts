/** What is held against a commit whose deployment has failed. */
import type { Deployment } from "../../model/deployment/deployment.ts";
import { type Problem, Refusal } from "../../model/problem.ts";
import { holdOf } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { verdictOn } from "../../rollout/blame.ts";
import type { ManagedService } from "../managed-service.ts";
import type { MarkedBad } from "../record-changes.ts";
import type { Records } from "../records.ts";
import { fingerprintOf } from "../target/known-bad.ts";

/** Null: the commit may be tried again. */
export async function markBad(
  managed: ManagedService,
  ended: Pick<Deployment, "from" | "to" | "failedAt"> & {
    readonly byHost: boolean;
    readonly problem: Problem | null;
    /** The host can be brought back to what it was before the first deployment. */
    readonly undoable: boolean;
  },
  records: Pick<Records, "get">,
  clock: Clock,
): Promise<MarkedBad | null> {
  const { service } = managed;
  const { from, to: commit, failedAt, byHost, problem, undoable } = ended;
  if (problem === null || failedAt === null) return null;
  const held = holdOf(records.get(service.name).state)?.commit === commit;
  const refused = problem instanceof Refusal;
  const verdict = verdictOn({
    from,
    to: commit,
    failedAt,
    refused,
    byHost,
    held,
    onFailure: service.health.onFailure,
    undoable,
  });
  if (verdict === null) return null;
  const bad = { commit, verdict, reason: problem.message, at: clock.now() };
  return { fingerprint: await fingerprintOf(managed, commit), bad };
}
