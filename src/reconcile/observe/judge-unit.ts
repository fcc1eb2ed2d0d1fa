/** Judges the unit of a service that has nothing more to do, and plans its heal where the config asks for it. */
import type { Service } from "../../model/service.ts";
import { type Drifted, holdOf } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { noDrift } from "../../rollout/drift.ts";
import { brakeOn } from "../../rollout/heal.ts";
import type { Step } from "../../rollout/plan.ts";
import { planUnitDrift } from "../../rollout/unit/unit.ts";
import type { AtEnd, Units } from "../ports.ts";
import type { Records } from "../records.ts";
import { healsInHour } from "./findings.ts";

export interface UnitVerdict {
  readonly steps: readonly Step[];
  /** What the steps put right, for the history; empty for nothing. */
  readonly why: string;
  /** What stays as it is where there are no steps. */
  readonly drift: Drifted;
}

/** @throws Problem when the unit has failed */
export type JudgeUnit = ReturnType<typeof createJudgeUnit>;

interface Ports {
  readonly records: Records;
  readonly units: Pick<Units, "judge" | "observe" | "hostStops">;
  readonly clock: Clock;
}

/** No steps while the host goes down: then units are meant to stop. */
export function createJudgeUnit({ records, units, clock }: Ports) {
  return async (service: Service, atEnd: AtEnd & { readonly healed: boolean }): Promise<UnitVerdict> => {
    const drift = await units.judge(service, atEnd);
    const left = { steps: [], why: "", drift };
    if (drift.drift === "" || service.drift.mode === "report") return left;
    const { enabled, state } = records.get(service.name);
    const steps = planUnitDrift(service, await units.observe(service.name), enabled);
    if (steps.length === 0 || (await units.hostStops())) return left;
    const heals = healsInHour(service.name, { records, clock });
    const circumstances = { healsInHour: heals, held: holdOf(state) !== null, healed: atEnd.healed };
    const brake = brakeOn(service.drift, circumstances);
    if (brake === null)
      return { steps: [...steps, { do: "verify", unit: false }], why: drift.drift, drift: noDrift };
    return brake ? { ...left, drift: { ...drift, drift: `${drift.drift} (${brake})` } } : left;
  };
}
