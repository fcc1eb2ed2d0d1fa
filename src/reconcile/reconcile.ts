/** Reconciles one service: find its target, observe, plan and apply until no step is left; then set its state. */
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import { type Drifted, holdOf, type Waiting } from "../model/state.ts";
import { during } from "../platform/trace/span.ts";
import { joinDrift, noDrift } from "../rollout/drift.ts";
import { failedWith } from "../rollout/next.ts";
import { type Observed, plan, renderHides, type Step } from "../rollout/plan.ts";
import { needsUnit, planAfterwards, planUnitFiles } from "../rollout/plan-unit.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { deploy, Superseded, type Work } from "./apply/deploy.ts";
import { healUnit } from "./apply/heal-unit.ts";
import { undoFirst } from "./apply/undo-first.ts";
import type { Context } from "./context.ts";
import type { ManagedService } from "./managed-service.ts";
import { observe } from "./observe/observe.ts";
import { causeOf, type ReconcileRequest, requestOf } from "./reconcile-request.ts";
import { decideTarget } from "./target/decide-target.ts";
import { knownBad } from "./target/known-bad.ts";
import { originOf } from "./target/origin.ts";
import { toProblem } from "./to-problem.ts";

/** A package, then files and unit, then nothing; more rounds mean that something works against us. */
const roundsMax = 4;

/** `again`: the service is to be reconciled again. */
export async function reconcile(
  managed: ManagedService,
  view: UpstreamView,
  asked: ReconcileRequest,
  context: Context,
): Promise<{ readonly again: boolean }> {
  const { name: track } = managed.service;
  return during({ name: "reconcile", track, about: asked }, async () => {
    const first = await reconcileOnce(managed, view, asked, context);
    if (!first.foundBad) return first;
    return reconcileOnce(managed, view, requestOf("revert"), context);
  });
}

interface Reconciliation {
  /** The commit was found bad on the way, and is to be left at once for the one before it. */
  readonly foundBad: boolean;
  /** Something has drifted while drift was put right; whoever did it may not do it again. */
  readonly again: boolean;
}

const atRest: Reconciliation = { foundBad: false, again: false };

async function reconcileOnce(
  managed: ManagedService,
  view: UpstreamView,
  asked: ReconcileRequest,
  context: Context,
): Promise<Reconciliation> {
  const { records, log } = context;
  const name = managed.service.name;
  let towards: Commit | null = null;
  let refused: Problem | null = null;
  let waits: Waiting | null = null;
  const { state } = records.get(name);
  const { name: since } = state;
  try {
    const decide = () => decideTarget(managed, view, context, asked);
    const { commit, problem, waiting, note } = await during({ name: "decide" }, decide);
    [towards, refused, waits] = [commit, problem, waiting];
    const goal = commit && { to: commit, ...causeOf(state, asked), note, why: "" };
    if (commit === null) await undoFirst(managed, context);
    const { left, again } = goal ? await reconcileTo(managed, goal, context) : unchanged;
    if (context.stopping.aborted) return atRest;
    if (problem !== null) throw problem;
    if (commit !== null) records.apply(name, { type: "settled", commit, ...left, waiting, since });
    return { foundBad: false, again };
  } catch (error) {
    if (context.stopping.aborted) return atRest;
    forgetSeen(managed);
    if (error instanceof Superseded) return atRest;
    if (towards !== null && (await isBad(managed, towards, context))) return { foundBad: true, again: false };
    const problem = toProblem(error, "git", log);
    records.apply(name, { ...failedWith(tellingOf(problem, refused), towards), waiting: waits });
    return atRest;
  }
}

async function isBad(managed: ManagedService, commit: Commit, context: Context): Promise<boolean> {
  const record = context.records.get(managed.service.name);
  if (commit === record.commit || commit === holdOf(record.state)?.commit) return false;
  return (await knownBad(managed, commit, context).catch(() => null)) !== null;
}

/** What git says of the old commit matters less than why there is no new one; what the host says comes first. */
function tellingOf(problem: Problem, refused: Problem | null): Parameters<typeof failedWith>[0] {
  if (refused === null || refused === problem) return problem;
  if (problem.part === "git") return { part: "git", message: refused.message, code: refused.code };
  return { part: "host", message: `${problem.message}; ${refused.message}`, code: problem.code };
}

/** After a failure nothing that was seen before counts. */
function forgetSeen(managed: ManagedService): void {
  managed.seen = null;
  managed.fresh = false;
  managed.packageKnown = false;
}

const nothingMore = { definesUnit: false, afterwards: [] };

type Goal = Pick<Work, "to" | "trigger" | "by" | "reason" | "note" | "why">;

interface Reconciled extends Pick<Reconciliation, "again"> {
  /** What has drifted and stays so when nothing remains to be done. */
  readonly left: Drifted;
}

const unchanged: Reconciled = { left: noDrift, again: false };

/** @throws Problem */
async function reconcileTo(managed: ManagedService, goal: Goal, context: Context): Promise<Reconciled> {
  const { name } = managed.service;
  const isNew = context.records.get(name).commit !== goal.to;
  let healed = false;
  for (let round = 0; round < roundsMax; round += 1) {
    const { observed, drift, why, editedAt, isUnproven } = await during({ name: "observe" }, () =>
      observe(managed, goal.to, context, { healed }),
    );
    const planned = () => remainingWork(managed, { ...goal, why }, observed, context);
    const work = await during({ name: "plan" }, planned);
    if (work === null) {
      if (!isUnproven) await moveOn(managed, goal, context);
      const touched = round > 0;
      const atEnd = { touched, deployed: touched && isNew, editedAt };
      const judge = () => context.units.judge(managed.service, atEnd);
      const unitDrift = await during({ name: "judge the unit" }, judge);
      const heal = await healUnit(managed, unitDrift, { healed }, context);
      const left = joinDrift([drift, heal.drift]);
      if (heal.steps.length === 0) return { left, again: healed && left.drift !== "" };
      await deploy(managed, { ...goal, ...nothingMore, steps: heal.steps, why: unitDrift.drift }, context);
      healed = true;
      continue;
    }
    await deploy(managed, work, context);
    healed ||= observed.healsFiles;
    if (context.stopping.aborted) return unchanged;
  }
  throw new Problem("host", `Something undoes what gitopper does to "${name}"; see its history`, {
    code: "contended",
  });
}

/** Null when nothing remains: neither steps nor a deployment without an end. */
async function remainingWork(
  managed: ManagedService,
  goal: Goal,
  observed: Observed,
  context: Context,
): Promise<Work | null> {
  const { service } = managed;
  const planned = plan(service, goal.to, observed);
  const unit = async () => (needsUnit(service, observed, planned) ? context.observeUnit(service.name) : null);
  // Observes the unit while the files change; the answer stays valid unless an event of the unit arrives.
  const early = unit().catch(() => {});
  let appeared = false;
  const read = async () => {
    const seen = await unit();
    appeared = seen?.load === "not-found";
    return planUnitFiles(observed, planned, seen);
  };
  const tell = async () => planAfterwards(service, observed, { ...planned, appeared }, await unit());
  const definesUnit = observed.links.some((link) => link.definesUnits && link.needsReload);
  const work = { ...goal, definesUnit };
  if (planned.files.length > 0)
    return { ...work, note: noteOf(goal, planned.files), steps: planned.files, afterwards: [read, tell] };
  await early;
  const reading = await read();
  if (reading.length > 0) return { ...work, steps: reading, afterwards: [tell] };
  const steps = await tell();
  return steps.length > 0 || observed.unfinished ? { ...work, steps, afterwards: [] } : null;
}

function noteOf({ note }: Goal, steps: readonly Step[]): Goal["note"] {
  return async () => [await note(), renderHides(steps)].filter(Boolean).join("; ");
}

/** The files are those of the goal as well. A rewritten history is remembered as a deployment without steps. */
async function moveOn(managed: ManagedService, goal: Goal, context: Context): Promise<void> {
  const { name: service } = managed.service;
  if (context.records.get(service).commit === goal.to) return;
  if ((await goal.note()) !== "") return deploy(managed, { ...goal, ...nothingMore, steps: [] }, context);
  context.records.moved({ service, commit: goal.to, origin: originOf(managed) });
}
