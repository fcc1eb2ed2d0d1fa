/** Judges the health of a unit from its properties. Pure; systemd.service(5) defines the words. */
import type { StateReason } from "../model/reason/state-reason.ts";
import { renderDuration } from "../model/text/duration.ts";
import type { UnitSeen } from "../model/unit.ts";

/** What the health of a unit depends on. */
export type UnitRun = Pick<UnitSeen, "load" | "active" | "sub" | "result" | "ended" | "restarts" | "type">;

/**
 * `waits`: not healthy now, but it may become so; `stopped`: the same, and it has ended normally. `byHost`: the files
 * that the unit has read are not at fault.
 */
export type UnitVerdict =
  | { readonly is: "well" }
  | {
      readonly is: "waits" | "stopped" | "failed";
      readonly reason: string;
      readonly code: StateReason;
      readonly byHost: boolean;
    };

export interface Watched {
  readonly unit: string;
  /** The fewest restarts seen so far: a manual start resets the counter to 0. */
  readonly restarts: number;
  /** Since the verification began. */
  readonly watchedMs: number;
}

export function judgeUnit(run: UnitRun, { unit, restarts, watchedMs }: Watched): UnitVerdict {
  const again = run.restarts - restarts;
  const within = renderDuration(Math.max(1, Math.ceil(watchedMs / 1_000)) * 1_000);
  if (again > 0)
    return failed(`unit ${unit} restarted ${again} time${again > 1 ? "s" : ""} within ${within}`);
  if (run.sub === "auto-restart") return failed(`unit ${unit} ended within ${within}: ${endOf(run)}`);
  if (run.active === "failed")
    return failed(`unit ${unit} failed: ${endOf(run)}`, run.result === "start-limit-hit");
  if (isActive(run) || isDone(run)) return { is: "well" };
  const absence = absenceOf(run);
  if (absence !== null)
    return { is: "waits", reason: `unit ${unit} ${absence}`, code: "unit-missing", byHost: true };
  return {
    is: run.active === "inactive" ? "stopped" : "waits",
    reason: `unit ${unit} is ${run.active} (${run.sub}) instead of active`,
    code: "unit-failed",
    byHost: false,
  };
}

/** A package that is being replaced removes its unit for a moment. */
function absenceOf({ load }: UnitRun): string | null {
  if (load === "not-found") return "does not exist";
  return load === "masked" ? "is masked" : null;
}

/** True also while it reloads. */
export function isActive({ active }: UnitRun): boolean {
  return active === "active" || active === "reloading" || active === "refreshing";
}

/** True for a unit that an admin has stopped, or that did not run for another reason than the change. */
export function isStopped(run: UnitRun): boolean {
  if (run.load === "not-found" || isDone(run)) return false;
  return ["inactive", "failed", "deactivating"].includes(run.active) || run.sub === "auto-restart";
}

/** A oneshot unit without RemainAfterExit that has finished. */
function isDone({ active, type, result }: UnitRun): boolean {
  return active === "inactive" && type === "oneshot" && result === "success";
}

function endOf({ result, ended }: UnitRun): string {
  return [`Result=${result}`, ended === "status 0" ? "" : ended].filter(Boolean).join(", ");
}

function failed(reason: string, byHost = false): UnitVerdict {
  return { is: "failed", reason, code: "unit-failed", byHost };
}
