/** Plans what remains to be done for a service, with the steps for its unit as they become known. */
import type { Commit } from "../../model/commit.ts";
import type { Trigger } from "../../model/deployment/deployment.ts";
import { type Observed, plan, renderHides, type Step } from "../../rollout/plan.ts";
import { needsUnit, planAfterwards, planUnitFiles } from "../../rollout/unit/plan-unit.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Units } from "../ports.ts";

/** What one deployment has to do. */
export interface Work {
  readonly to: Commit;
  readonly trigger: Trigger;
  /** The person who requested it; empty: no person did. */
  readonly by: string;
  /** Why that person wanted it; empty where that is not known. */
  readonly reason: string;
  /** What the history has to remember of the way there. */
  readonly note: () => Promise<string>;
  /** What of the host had drifted and is put right; empty for nothing. */
  readonly why: string;
  readonly steps: readonly Step[];
  /** It brings what defines the unit, which is to blame then where systemd does not have or take the unit. */
  readonly definesUnit: boolean;
  /** Answer the steps that are known only when those before them are done. */
  readonly afterwards: readonly (() => Promise<readonly Step[]>)[];
}

export type Goal = Pick<Work, "to" | "trigger" | "by" | "reason" | "note" | "why">;

/** Null when nothing remains: neither steps nor a deployment without an end. @throws Problem */
export type PlanWork = (managed: ManagedService, goal: Goal, observed: Observed) => Promise<Work | null>;

export function createPlanWork(units: Pick<Units, "observe">): PlanWork {
  return async ({ service }, goal, observed) => {
    const planned = plan(service, goal.to, observed);
    const unit = async () => (needsUnit(service, observed, planned) ? units.observe(service.name) : null);
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
    const note = async () => [await goal.note(), renderHides(planned.files)].filter(Boolean).join("; ");
    if (planned.files.length > 0) return { ...work, note, steps: planned.files, afterwards: [read, tell] };
    await early;
    const reading = await read();
    if (reading.length > 0) return { ...work, steps: reading, afterwards: [tell] };
    const steps = await tell();
    return steps.length > 0 || observed.unfinished ? { ...work, steps, afterwards: [] } : null;
  };
}
