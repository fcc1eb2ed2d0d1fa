/** Which commit a service goes to now, with what its history says of the way there. */
import type { Commit } from "../../model/commit.ts";
import { Problem, Refusal } from "../../model/problem.ts";
import { holdOf, type Waiting } from "../../model/state.ts";
import type { Log } from "../../platform/log.ts";
import { headOf } from "../../rollout/phase.ts";
import { type Target, targetOf, type UpstreamView } from "../../rollout/target.ts";
import { assertLinks, sameAtLinks } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { ReconcileRequest } from "../reconcile-request.ts";
import type { Records } from "../records.ts";
import { toProblem } from "../to-problem.ts";
import { badCommitProblem, knownBad } from "./known-bad.ts";
import { describeForcePush, describeOlderCommit } from "./origin.ts";
import type { Signatures } from "./verify-signatures.ts";
import { type GateTools, waitForGates } from "./wait-for-gates.ts";

export interface Decision extends Target {
  /** What has come and has to wait; the target is what the service has, then. */
  readonly waiting: Waiting | null;
  /** What the history has to remember of the way, such as that it was rewritten; empty when all is plain. */
  readonly note: () => Promise<string>;
}

/** A tip that cannot be taken leaves the service at what it has, with the problem; one that has to wait, without. */
export type DecideTarget = (
  managed: ManagedService,
  view: UpstreamView,
  request?: Pick<ReconcileRequest, "overrideWindow">,
) => Promise<Decision>;

interface Tools extends GateTools {
  readonly records: Records;
  readonly signatures: Signatures;
}

const plain = async () => "";

export function createDecideTarget(tools: Tools): DecideTarget {
  const { records } = tools;
  return async (managed, view, { overrideWindow } = { overrideWindow: false }) => {
    const { service } = managed;
    const record = records.get(service.name);
    const applied = await keptCommit(managed, records);
    const { commit, problem } = targetOf(service, { state: record.state, applied }, view);
    const stays = commit === null || commit === record.commit || holdOf(record.state) !== null;
    if (stays) return { commit, problem, waiting: null, note: plain };
    const way = await validateCandidate(managed, commit, tools);
    if (way instanceof Problem) return { commit: applied, problem: way, waiting: null, note: plain };
    const waiting = overrideWindow || commit === applied ? null : await waitForGates(managed, commit, tools);
    if (waiting !== null) return { commit: applied, problem, waiting, note: plain };
    return { commit, problem, waiting, note: way };
  };
}

/** Whether a newer commit would be deployed now; if not, its own reconcile reports why. */
export function wouldDeploy(
  view: UpstreamView,
  requests: ReadonlyMap<string, ReconcileRequest>,
  { decide, log }: { readonly decide: DecideTarget; readonly log: Log },
) {
  return async (managed: ManagedService, tip: Commit): Promise<boolean> => {
    try {
      const { commit, problem } = await decide(managed, view, requests.get(managed.service.name));
      return commit === tip && problem === null;
    } catch (error) {
      toProblem(error, "git", log);
      return false;
    }
  };
}

const backRemedy = "push a newer commit, or roll back to that one and unfreeze";

/** What the history has to remember of the way to a commit, or why it cannot be taken. */
async function validateCandidate(
  managed: ManagedService,
  commit: Commit,
  { records, signatures }: Tools,
): Promise<Decision["note"] | Problem> {
  const { service } = managed;
  try {
    await assertLinks(managed, commit);
    const bad = await knownBad(managed, commit, records);
    if (bad !== null) return badCommitProblem(bad);
    const back = await describeOlderCommit(managed, commit, records);
    if (back !== "")
      return new Problem("git", `Cannot follow upstream: ${back}; ${backRemedy}`, { code: "went-back" });
    await signatures.verifyHistory(managed, commit);
  } catch (error) {
    if (error instanceof Refusal)
      return badCommitProblem({ commit, verdict: "REFUSED", reason: error.message }, error);
    if (error instanceof Problem) return error;
    throw error;
  }
  const note = () => describeForcePush(managed, commit, records);
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
 * not take it, was not reloaded, or was superseded before it was known to be well; but not if it is to go back
 * from there.
 */
async function keptCommit(managed: ManagedService, records: Records): Promise<Commit | null> {
  const { name } = managed.service;
  const { commit, phase } = records.get(name);
  const head = headOf(phase);
  if (head === null || phase.at === "verified") return commit;
  if (phase.to !== head && commit !== null && (await sameAtLinks(managed, head, commit))) return commit;
  const bad = await knownBad(managed, head, records).catch(() => null);
  return bad === null ? head : commit;
}
