/** Plans the heal of a unit's drift where the config asks for it. */
import { type Drifted, holdOf } from "../../model/state.ts";
import { noDrift } from "../../rollout/drift.ts";
import { brakeOn } from "../../rollout/heal.ts";
import type { Step } from "../../rollout/plan.ts";
import { planUnitDrift } from "../../rollout/unit/unit.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";
import { healsInHour } from "../observe/observe-files.ts";

/** `drift` is that of the unit, as it stays where there are no steps. */
export interface UnitHeal {
  readonly steps: readonly Step[];
  readonly drift: Drifted;
}

/** No steps while the host goes down: then units are meant to stop. @throws Problem */
export async function healUnit(
  { service }: ManagedService,
  drift: Drifted,
  { healed }: { readonly healed: boolean },
  context: Context,
): Promise<UnitHeal> {
  const { records, observeUnit, units } = context;
  const left = { steps: [], drift };
  if (drift.drift === "" || service.drift.mode === "report") return left;
  const { enabled, state } = records.get(service.name);
  const steps = planUnitDrift(service, await observeUnit(service.name), enabled);
  if (steps.length === 0 || (await units.hostStops())) return left;
  const heals = healsInHour(service.name, context);
  const brake = brakeOn(service.drift, { healsInHour: heals, held: holdOf(state) !== null, healed });
  if (brake === null) return { steps: [...steps, { do: "verify", unit: false }], drift: noDrift };
  return { steps: [], drift: brake ? { ...drift, drift: `${drift.drift} (${brake})` } : drift };
}
