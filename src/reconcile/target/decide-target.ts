/** Which commit a service goes to now, with what its history says of the way there. */
import type { Commit } from "../../model/commit.ts";
import { Problem, Refusal } from "../../model/problem.ts";
import { holdOf, type Waiting } from "../../model/state.ts";
import { type Target, targetOf, type UpstreamView } from "../../rollout/target.ts";
import type { Context } from "../context.ts";
import { assertLinks, sameAtLinks } from "../links.ts";
import type { Member } from "../managed-service.ts";
import type { Asked } from "../reconcile-request.ts";
import { toProblem } from "../to-problem.ts";
import { badCommitProblem, knownBad } from "./known-bad.ts";
import { rewritten, wentBack } from "./origin.ts";
import { assertTrustedWay } from "./verify-signatures.ts";
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
  member: Member,
  view: UpstreamView,
  context: Context,
  { overrideWindow }: Pick<Asked, "overrideWindow"> = { overrideWindow: false },
): Promise<Decision> {
  const { service } = member;
  const record = context.ledger.get(service.name);
  const applied = await keptCommit(member, context);
  const { commit, problem } = targetOf(service, { state: record.state, applied }, view);
  const stays = commit === null || commit === record.commit || holdOf(record.state) !== null;
  if (stays) return { commit, problem, waiting: null, note: plain };
  const way = await wayTo(member, commit, context);
  if (way instanceof Problem) return { commit: applied, problem: way, waiting: null, note: plain };
  const waiting = overrideWindow || commit === applied ? null : await waitForGates(member, commit, context);
  if (waiting !== null) return { commit: applied, problem, waiting, note: plain };
  return { commit, problem, waiting, note: way };
}

/** Whether a newer commit would be deployed now; what hinders it is told by the turn that it gets. */
export function goesIn(view: UpstreamView, asked: ReadonlyMap<string, Asked>, context: Context) {
  return async (member: Member, tip: Commit): Promise<boolean> => {
    try {
      const decided = await decideTarget(member, view, context, asked.get(member.service.name));
      return decided.commit === tip && decided.problem === null;
    } catch (error) {
      toProblem(error, "git", context.log);
      return false;
    }
  };
}

const backRemedy = "push a newer commit, or roll back to that one and unfreeze";

/** What the history has to remember of the way to a commit, or why it cannot be taken. */
async function wayTo(member: Member, commit: Commit, context: Context): Promise<Decision["note"] | Problem> {
  const { service } = member;
  try {
    await assertLinks(member, commit);
    const bad = await knownBad(member, commit, context);
    if (bad !== null) return badCommitProblem(bad);
    const back = await wentBack(member, commit, context);
    if (back !== "")
      return new Problem("git", `Cannot follow upstream: ${back}; ${backRemedy}`, { code: "went-back" });
    await assertTrustedWay(member, commit, context);
  } catch (error) {
    if (error instanceof Refusal)
      return badCommitProblem({ commit, verdict: "REFUSED", reason: error.message }, error);
    if (error instanceof Problem) return error;
    throw error;
  }
  const note = () => rewritten(member, commit, context);
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
async function keptCommit(member: Member, context: Context): Promise<Commit | null> {
  const { name } = member.service;
  const { commit, head } = context.ledger.get(name);
  const last = context.ledger.last(name);
  if (head === null || last === null || last.result === "done") return commit;
  if (last.to !== head && commit !== null && (await sameAtLinks(member, head, commit))) return commit;
  const bad = await knownBad(member, head, context).catch(() => null);
  return bad === null ? head : commit;
}
