/** Brings a service to a commit: observes, plans and deploys until nothing remains, and judges its unit then. */
import { Problem } from "../model/problem.ts";
import { during } from "../platform/trace/span.ts";
import { joinDrift, noDrift } from "../rollout/drift.ts";
import type { Deploy } from "./apply/deploy.ts";
import type { Goal, PlanWork, Work } from "./apply/plan-work.ts";
import type { ManagedService } from "./managed-service.ts";
import type { JudgeUnit } from "./observe/judge-unit.ts";
import type { Observe } from "./observe/observe.ts";
import type { AtEnd } from "./ports.ts";
import type { Records } from "./records.ts";
import { originOf } from "./target/origin.ts";

/** A package, then files and unit, then nothing; more rounds mean that something works against us. */
const roundsMax = 4;

/** The end of a reconcile that has changed nothing. */
export const unchanged = {
  /** What has drifted and stays so when nothing remains to be done. */
  left: noDrift,
  /** Something has drifted while drift was put right; whoever did it may not do it again. */
  again: false,
};
type Reconciled = Readonly<typeof unchanged>;

/** Rejects with a Problem, and with `Superseded`. */
export type BringTo = (managed: ManagedService, goal: Goal, superseded: AbortSignal) => Promise<Reconciled>;

interface Stages {
  readonly observe: Observe;
  readonly planWork: PlanWork;
  readonly deploy: Deploy;
  readonly judgeUnit: JudgeUnit;
}

interface Tools {
  readonly records: Records;
  readonly stopping: AbortSignal;
}

const nothingMore = { definesUnit: false, afterwards: [] };

export function createBringTo(stages: Stages, { records, stopping }: Tools): BringTo {
  return async (managed, goal, superseded) => {
    const { name } = managed.service;
    const isNew = records.get(name).commit !== goal.to;
    const deploy = (work: Work) => stages.deploy(managed, work, superseded);
    const moves = () => moveOn(managed, goal, records, deploy);
    let healed = false;
    for (let round = 0; round < roundsMax; round += 1) {
      const before = { healed, touched: round > 0, deployed: round > 0 && isNew, moves };
      const next = await nextRound(managed, goal, before, stages);
      if ("left" in next) return next;
      await deploy(next.work);
      healed ||= next.heals;
      if (stopping.aborted) return unchanged;
    }
    const what = `Something undoes what gitopper does to "${name}"; see its history`;
    throw new Problem("host", what, { code: "contended" });
  };
}

interface Round extends Pick<AtEnd, "touched" | "deployed"> {
  /** An earlier round has put drift right. */
  readonly healed: boolean;
  /** Records that nothing remains to be done for the goal. */
  readonly moves: () => Promise<void>;
}

/** What is to be deployed next; or what stays, where nothing remains. */
async function nextRound(
  managed: ManagedService,
  goal: Goal,
  { moves, ...before }: Round,
  { observe, planWork, judgeUnit }: Stages,
): Promise<{ readonly work: Work; readonly heals: boolean } | Reconciled> {
  const seen = await during({ name: "observe" }, () => observe(managed, goal.to, before));
  const plan = () => planWork(managed, { ...goal, why: seen.why }, seen.observed);
  const work = await during({ name: "plan" }, plan);
  if (work !== null) return { work, heals: seen.observed.healsFiles };
  if (!seen.isUnproven) await moves();
  const judge = () => judgeUnit(managed.service, { ...before, editedAt: seen.editedAt });
  const { steps, why, drift } = await during({ name: "judge the unit" }, judge);
  const left = joinDrift([seen.drift, drift]);
  if (steps.length === 0) return { left, again: before.healed && left.drift !== "" };
  return { work: { ...goal, ...nothingMore, steps, why }, heals: true };
}

/** The files are those of the goal as well. A rewritten history is remembered as a deployment without steps. */
async function moveOn(
  managed: ManagedService,
  goal: Goal,
  records: Records,
  deploy: (work: Work) => Promise<void>,
): Promise<void> {
  const { name: service } = managed.service;
  if (records.get(service).commit === goal.to) return;
  if ((await goal.note()) !== "") return deploy({ ...goal, ...nothingMore, steps: [] });
  records.moved([{ service, commit: goal.to, origin: originOf(managed) }]);
}
