/** What is done to a service's unit when its files are in place. Pure. */
import type { Service } from "../../model/service.ts";
import type { Observed, Plan, Step, UnitLook } from "../plan.ts";
import { isRunning } from "./unit.ts";

/** The verbs that systemctl(1) carries out for a unit that is not running. */
export const startingVerbs = ["start", "restart", "reload-or-restart"];

/** Whether `planAfterwards` has to know what the unit was like. */
export function needsUnit(service: Service, observed: Observed, { runsVerb }: Plan): boolean {
  return runsVerb || healsStop(service, observed);
}

/** A unit that was stopped before its commit counted as good is started again: else nothing shows whether it is. */
function healsStop({ drift }: Service, { unverified, applied, lastReloaded, verb }: Observed): boolean {
  return unverified && applied !== lastReloaded && verb !== null && drift.mode === "heal";
}

/** What systemd has to read for a verb, given the unit when the files are in place; null: it is left alone. */
export function planUnitFiles(
  { links }: Observed,
  { runsVerb }: Pick<Plan, "runsVerb">,
  unit: UnitLook | null,
): readonly Step[] {
  if (!runsVerb || unit === null) return [];
  // A unit that is not there may be one that a generator makes from files that are there now.
  const missing = unit.load === "not-found" && links.some(({ bind }) => bind !== null);
  const changed = links.some((link) => link.definesUnits && (link.needsReload || link.bind !== "mounted"));
  return unit.needsDaemonReload || missing || changed ? [{ do: "daemon-reload" }] : [];
}

/**
 * What is done when systemd has read the unit's files, given the unit as it is then; null: it is left alone.
 * `appeared`: before that systemd had no such unit.
 */
export function planAfterwards(
  service: Service,
  observed: Observed,
  { runsVerb, verifies, appeared = false }: Omit<Plan, "files"> & { readonly appeared?: boolean },
  unit: UnitLook | null,
): readonly Step[] {
  const verbs = runsVerb && unit !== null ? planUnit(service, observed, { ...unit, appeared }) : [];
  const judged = verbs.some((step) => step.do === "systemctl" && step.verb !== "enable");
  const verify = verifies && (judged || observed.unverified || service.health.probes.length > 0);
  // Where the commit is what was there before, a unit that does not run says nothing about it: it is drift.
  const inQuestion = observed.unverified && observed.applied !== observed.lastReloaded;
  const unitToo = judged || (inQuestion && observed.verb !== null);
  if (!verify) return verbs;
  const start = !judged && unit?.active === "inactive" && healsStop(service, observed);
  const steps: readonly Step[] = start ? [...verbs, { do: "systemctl", verb: "start" }] : verbs;
  return [...steps, { do: "verify", unit: unitToo }];
}

function planUnit(
  service: Service,
  observed: Observed,
  unit: UnitLook & { readonly appeared: boolean },
): readonly Step[] {
  const verb = verbNow(observed, unit);
  const verbs: readonly Step[] = verb === null ? [] : [{ do: "systemctl", verb }];
  const isFirst = observed.applied === null && !isRunning(unit);
  // Last, since systemd reads all unit files for it: the unit has started by then.
  const enables = observed.verb !== null && needsEnabling(service, unit, isFirst);
  return enables ? [...verbs, { do: "systemctl", verb: "enable" }] : verbs;
}

/** The verb that suits the unit as it is; null: it is left as it is. */
function verbNow(
  { applied, verb }: Observed,
  { active, sub, appeared }: UnitLook & { readonly appeared: boolean },
): string | null {
  if (verb === null) return null;
  // A unit that crashes again and again cannot reload in between, and a start would wait for RestartSec=.
  if (sub === "auto-restart") return "restart";
  const stopped = ["inactive", "failed", "deactivating"].includes(active);
  if (!stopped || startingVerbs.includes(verb)) return verb;
  // A unit that an administrator stopped stays stopped; one that never ran, was missing, or failed, is started.
  return applied === null || appeared || active === "failed" ? "start" : null;
}

/** An instance of a template is always enabled; another unit where it is started for the first time. */
function needsEnabling({ name }: Service, unit: UnitLook, startsFirst: boolean): boolean {
  const { file, triggered, wanted } = unit;
  if (name.includes("@")) return !["enabled", "static", "generated", "transient", "alias"].includes(file);
  return startsFirst && file === "disabled" && !triggered && !wanted;
}
