/** Reconciles one service: decide on its target, bring it there (observe, plan, deploy), and set its state. */
import type { Commit } from "../model/commit.ts";
import type { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { holdOf, type Waiting } from "../model/state.ts";
import type { Log } from "../platform/log.ts";
import { during } from "../platform/trace/span.ts";
import { failedWith } from "../rollout/next.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { Superseded } from "./apply/deploy.ts";
import { type BringTo, unchanged } from "./bring-to.ts";
import type { ManagedService } from "./managed-service.ts";
import { causeOf, type ReconcileRequest, requestOf } from "./reconcile-request.ts";
import type { Records } from "./records.ts";
import type { DecideTarget } from "./target/decide-target.ts";
import { knownBad } from "./target/known-bad.ts";
import { toProblem } from "./to-problem.ts";

/** `again`: the service is to be reconciled again. `superseded`: something else is wanted of the service by now. */
export type Reconcile = (
  managed: ManagedService,
  view: UpstreamView,
  request: ReconcileRequest,
  superseded: AbortSignal,
) => Promise<{ readonly again: boolean }>;

/** In the order in which a reconcile goes through them. */
export interface Stages {
  readonly decide: DecideTarget;
  /** For a service without a target: takes back a first deployment that was not well. */
  readonly undoFirst: (managed: ManagedService) => Promise<void>;
  readonly bringTo: BringTo;
  /** After a failure nothing that was observed before counts. */
  readonly forget: (service: Service) => void;
}

/** From the newest commit to one that was superseded before its verdict, and from there to the last good one. */
const revertsMax = 2;

interface Tools {
  readonly records: Records;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

export function createReconcile(stages: Stages, tools: Tools): Reconcile {
  return (managed, view, request, superseded) =>
    during({ name: "reconcile", track: managed.service.name, about: request }, async () => {
      const once = (of: ReconcileRequest) =>
        reconcileOnce({ managed, view, request: of, superseded }, stages, tools);
      let done = await once(request);
      for (let reverts = 0; done.foundBad && reverts < revertsMax; reverts += 1)
        done = await once(requestOf("revert"));
      return done;
    });
}

interface Job {
  readonly managed: ManagedService;
  readonly view: UpstreamView;
  readonly request: ReconcileRequest;
  readonly superseded: AbortSignal;
}

const atRest = {
  /** The commit was found bad on the way, and is to be left at once for the one before it. */
  foundBad: false,
  /** Something has drifted while drift was put right. */
  again: false,
};

async function reconcileOnce(job: Job, stages: Stages, tools: Tools): Promise<typeof atRest> {
  const { managed, view, request, superseded } = job;
  const { records, log, stopping } = tools;
  const { name } = managed.service;
  const { state } = records.get(name);
  let towards: Commit | null = null;
  let refused: Problem | null = null;
  let waits: Waiting | null = null;
  try {
    const decide = () => stages.decide(managed, view, request);
    const { commit, problem, waiting, note } = await during({ name: "decide" }, decide);
    [towards, refused, waits] = [commit, problem, waiting];
    if (commit === null) await stages.undoFirst(managed);
    const goal = commit && { to: commit, ...causeOf(state, request), note, why: "" };
    const { left, again } = goal ? await stages.bringTo(managed, goal, superseded) : unchanged;
    if (stopping.aborted) return atRest;
    if (problem !== null) throw problem;
    if (commit !== null)
      await records.applySoon(name, { type: "settled", commit, ...left, waiting, since: state.name });
    return { foundBad: false, again };
  } catch (error) {
    if (stopping.aborted) return atRest;
    stages.forget(managed.service);
    if (error instanceof Superseded) return atRest;
    if (towards !== null && (await isBad(managed, towards, records))) return { foundBad: true, again: false };
    const problem = toProblem(error, "git", log);
    records.apply(name, { ...failedWith(tellingOf(problem, refused), towards), waiting: waits });
    return atRest;
  }
}

async function isBad(managed: ManagedService, commit: Commit, records: Records): Promise<boolean> {
  const record = records.get(managed.service.name);
  if (commit === record.commit || commit === holdOf(record.state)?.commit) return false;
  return (await knownBad(managed, commit, records).catch(() => null)) !== null;
}

/** What git says of the old commit matters less than why there is no new one; what the host says comes first. */
function tellingOf(problem: Problem, refused: Problem | null): Parameters<typeof failedWith>[0] {
  if (refused === null || refused === problem) return problem;
  if (problem.part === "git") return { part: "git", message: refused.message, code: refused.code };
  return { part: "host", message: `${problem.message}; ${refused.message}`, code: problem.code };
}
