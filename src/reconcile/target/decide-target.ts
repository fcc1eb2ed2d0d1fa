/** Which commit a service goes to now, with what its history says of the way there. */
import type { Commit } from "../../model/commit.ts";
import { Problem, Refusal } from "../../model/problem.ts";
import { holdOf, type Waiting } from "../../model/state.ts";
import { type Target, targetOf, type UpstreamView } from "../../rollout/target.ts";
import type { Context } from "../context.ts";
import { assertLinks, sameAtLinks } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { ReconcileRequest } from "../reconcile-request.ts";
import { toProblem } from "../to-problem.ts";
import { badCommitProblem, knownBad } from "./known-bad.ts";
import { describeForcePush, describeOlderCommit } from "./origin.ts";
import { verifySignatures } from "./verify-signatures.ts";
import { waitForGates } from "./wait-for-gates.ts";

export interface Decision extends Target {
  /** What has come and has to wait; the target is what the service has, then. */
  readonly waiting: Waiting | null;
  /** What the history has to remember of the way, such as that it was rewritten; empty when all is plain. */
  readonly note: () => Promise<string>;
}

const plain = async () => "";

/** A tip that cannot be taken leaves the service at what it has, with the problem; one that has to wait, without. */
export async function decideTarget(
  managed: ManagedService,
  view: UpstreamView,
  context: Context,
  { overrideWindow }: Pick<ReconcileRequest, "overrideWindow"> = { overrideWindow: false },
): Promise<Decision> {
  const { service } = managed;
  const record = context.records.get(service.name);
  const applied = await keptCommit(managed, context);
  const { commit, problem } = targetOf(service, { state: record.state, applied }, view);
  const stays = commit === null || commit === record.commit || holdOf(record.state) !== null;
  if (stays) return { commit, problem, waiting: null, note: plain };
  const way = await validateCandidate(managed, commit, context);
  if (way instanceof Problem) return { commit: applied, problem: way, waiting: null, note: plain };
  const waiting = overrideWindow || commit === applied ? null : await waitForGates(managed, commit, context);
  if (waiting !== null) return { commit: applied, problem, waiting, note: plain };
  return { commit, problem, waiting, note: way };
}

/** Whether a newer commit would be deployed now; if not, its own reconcile reports why. */
export function wouldDeploy(
  view: UpstreamView,
  asked: ReadonlyMap<string, ReconcileRequest>,
  context: Context,
) {
  return async (managed: ManagedService, tip: Commit): Promise<boolean> => {
    try {
      const decided = await decideTarget(managed, view, context, asked.get(managed.service.name));
      return decided.commit === tip && decided.problem === null;
    } catch (error) {
      toProblem(error, "git", context.log);
      return false;
    }
  };
}

const backRemedy = "push a newer commit, or roll back to that one and unfreeze";

/** What the history has to remember of the way to a commit, or why it cannot be taken. */
async function validateCandidate(
  managed: ManagedService,
  commit: Commit,
  context: Context,
): Promise<Decision["note"] | Problem> {
  const { service } = managed;
  try {
    await assertLinks(managed, commit);
    const bad = await knownBad(managed, commit, context);
    if (bad !== null) return badCommitProblem(bad);
    const back = await describeOlderCommit(managed, commit, context);
    if (back !== "")
      return new Problem("git", `Cannot follow upstream: ${back}; ${backRemedy}`, { code: "went-back" });
    await verifySignatures(managed, commit, context);
  } catch (error) {
    if (error instanceof Refusal)
      return badCommitProblem({ commit, verdict: "REFUSED", reason: error.message }, error);
    if (error instanceof Problem) return error;
    throw error;
  }
  const note = () => describeForcePush(managed, commit, context);
  if (!service.fastForwardOnly) return note;
  const why = await note();
  if (why === "") return plain;
  const remedy = "push a descendant of it, or roll back to a commit of the new history and unfreeze";
  return new Problem("git", `Cannot follow upstream with fast_forward_only: ${why}; ${remedy}`, {
    code: "history-rewritten",
  });
}

/**
 * What a service has while it is held, or while nothing newer can be had: what is on its disk, even if its unit would
 * not take it, was not told to the end, or was superseded before it was known to be well; but not if it is to go back
 * from there.
 */
async function keptCommit(managed: ManagedService, context: Context): Promise<Commit | null> {
  const { name } = managed.service;
  const { commit, head } = context.records.get(name);
  const last = context.records.last(name);
  if (head === null || last === null || last.result === "done") return commit;
  if (last.to !== head && commit !== null && (await sameAtLinks(managed, head, commit))) return commit;
  const bad = await knownBad(managed, head, context).catch(() => null);
  return bad === null ? head : commit;
}
