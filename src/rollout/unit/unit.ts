/** What a unit's state means for its service, and what may be done about it. Pure. */
import type { StateReason } from "../../model/reason/state-reason.ts";
import type { Service } from "../../model/service.ts";
import type { Drifted, Faulty } from "../../model/state.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { type Advice, cannotReload, renderAdvice } from "../../model/unit-name.ts";
import { drifted, joinDrift } from "../drift.ts";
import type { Step } from "../plan.ts";

/** What is remembered of a unit from look to look. */
export interface CrashHistory {
  readonly restarts: number;
  /** systemd was about to start it again. */
  readonly restarting: boolean;
  /** Why it died; kept until it has been active for long enough, even if it dies otherwise then. Null: all well. */
  readonly reason: string | null;
  /** How often it has died without having been well for an hour in between. */
  readonly deaths: number;
  readonly diedMs: number;
  /** Since when it has been seen active after it died; null: it was not yet. */
  readonly aliveMs: number | null;
}

const calmFirstMs = 3_000;
const calmMaxMs = 30 * 60_000;
const forgivenMs = 60 * 60_000;

/** The crash history after another observation, at `nowMs` of a monotonic clock; null before: it begins. */
export function nextCrashHistory(before: CrashHistory | null, unit: UnitSeen, nowMs: number): CrashHistory {
  // systemd counts from 0 again when an administrator starts the unit.
  const { restarts } = unit;
  const fresh = { restarts, restarting: false, reason: null, deaths: 0, diedMs: 0, aliveMs: null };
  const known = before !== null && restarts >= before.restarts ? before : fresh;
  const seen = { ...known, restarts, restarting: isRestarting(unit) };
  const death = deathOf(unit) ?? unseenDeath(known, unit);
  return recovering(death === null ? seen : died(seen, known, death, nowMs), unit, nowMs);
}

function recovering(crashes: CrashHistory, unit: UnitSeen, nowMs: number): CrashHistory {
  if (crashes.reason === null) return crashes;
  const well = { ...crashes, reason: null, aliveMs: null };
  if (isAtRest(unit)) return well;
  if (!isRunning(unit)) return { ...crashes, aliveMs: null };
  const aliveMs = crashes.aliveMs ?? nowMs;
  return nowMs - aliveMs < calmMs(crashes.deaths) ? { ...crashes, aliveMs } : well;
}

/** It does its work, or takes up new files. */
export function isRunning({ active }: Pick<UnitSeen, "active">): boolean {
  return active === "active" || active === "reloading";
}

function died(seen: CrashHistory, known: CrashHistory, reason: string, nowMs: number): CrashHistory {
  // Seen dead twice, it has still died once.
  const again = known.reason === null || known.aliveMs !== null || seen.restarts > known.restarts;
  if (!again) return seen;
  const forgiven = nowMs - known.diedMs > forgivenMs;
  return {
    ...seen,
    reason: known.reason ?? reason,
    deaths: forgiven ? 1 : known.deaths + 1,
    diedMs: nowMs,
    aliveMs: null,
  };
}

/** How long a unit has to be active to count as well again: longer the more often it has died. */
function calmMs(deaths: number): number {
  return Math.min(calmFirstMs * 2 ** (deaths - 1), calmMaxMs);
}

/** How long until the unit counts as stable, if it runs; null: there is nothing to wait for. */
export function stableInMs({ reason, aliveMs, deaths }: CrashHistory, nowMs: number): number | null {
  return reason === null || aliveMs === null ? null : Math.max(0, aliveMs + calmMs(deaths) - nowMs);
}

function isRestarting({ active, sub }: UnitSeen): boolean {
  return active === "activating" && sub.startsWith("auto-restart");
}

function deathOf(unit: UnitSeen): string | null {
  const dead = unit.active === "failed" || (isRestarting(unit) && unit.result !== "success");
  return dead ? `the unit died: ${[unit.result, unit.ended].filter(Boolean).join(", ")}` : null;
}

/** It died and came back between two looks, or did so once more. */
function unseenDeath(known: CrashHistory, { restarts }: UnitSeen): string | null {
  const expected = known.restarts + (known.restarting ? 1 : 0);
  return restarts > expected ? "the unit died, and systemd started it again" : null;
}

/** What else is known when a unit is judged. */
export interface Circumstances {
  readonly crashes: CrashHistory;
  /** It was enabled when it was last deployed, or since. */
  readonly wasEnabled: boolean;
  /** When the newest local edit of its files was made; null: there is none. */
  readonly editedAt: Date | null;
}

export interface Verdict extends Drifted {
  /** Why the service is broken; null: it is not. */
  readonly problem: Faulty | null;
}

export function judgeUnit(service: Service, unit: UnitSeen, known: Circumstances): Verdict {
  const problem = faultOf(absenceOf(unit), "unit-missing") ?? faultOf(known.crashes.reason, "unit-failed");
  return { problem, ...driftOf(service, unit, known) };
}

function driftOf(service: Service, unit: UnitSeen, known: Circumstances): Drifted {
  const advice = missingAtBoot(unit);
  return joinDrift([
    ...(isStopped(unit) ? [drifted("the unit is stopped", "unit-stopped")] : []),
    ...(unit.load === "masked" ? [drifted("the unit is masked", "unit-drift")] : []),
    ...(isDisabled(service, unit, known.wasEnabled) ? [drifted("the unit is disabled", "unit-drift")] : []),
    ...(isUnreloadable(service, unit) ? [advised(cannotReload(service.name))] : []),
    // One that a person could have enabled is as that person wants it.
    ...(advice === null || unit.file === "disabled" ? [] : [advised(advice)]),
    ...(isOutdated(unit, known.editedAt)
      ? [drifted("the unit runs with older files than those on disk", "unit-drift")]
      : []),
  ]);
}

function advised(advice: Advice): Drifted {
  return { drift: renderAdvice(advice), code: "unit-advice" };
}

function faultOf(reason: string | null, code: StateReason): Faulty | null {
  return reason === null ? null : { reason, code };
}

/** systemd has the unit, and can do with it what the config asks for. */
export function takesVerb(service: Service, unit: UnitSeen): boolean {
  return unit.load === "loaded" && !isUnreloadable(service, unit);
}

/** Its files are to be taken up by a reload, which it does not have. */
export function isUnreloadable({ action, actions }: Service, { load, canReload }: UnitSeen): boolean {
  const reloads = action === "reload" || actions.some((entry) => entry.action === "reload");
  return reloads && load === "loaded" && !canReload;
}

function absenceOf({ load, active }: UnitSeen): string | null {
  if (active !== "inactive" || load === "loaded" || load === "masked") return null;
  return load === "not-found" ? "the unit does not exist" : `systemd cannot load the unit: ${load}`;
}

/** Of a unit that runs and, as far as one can see, does not after the next boot; null: it does, or does not run. */
export function missingAtBoot(unit: UnitSeen): Advice | null {
  const { file, id, triggered, wanted, load } = unit;
  const isForNow = file === "enabled-runtime";
  if (!isRunning(unit) || triggered || load === "masked") return null;
  if (file === "enabled" || (wanted && !isForNow)) return null;
  return { what: `nothing starts ${id} at boot`, remedy: bootRemedies[file]?.(id) ?? addInstall };
}

const addInstall = "it has no [Install] section; add one with WantedBy=multi-user.target, and enable it";

const bootRemedies: Readonly<Record<string, (unit: string) => string>> = {
  disabled: (unit) => `it is disabled; run "systemctl enable ${unit}"`,
  "enabled-runtime": (unit) => `it is enabled until then only; run "systemctl enable ${unit}"`,
  transient: () => "it is transient; write a unit file for it",
  generated: () => "it is generated; have what it is made from say which target wants it",
};

/** It has ended in peace, and nothing is on its way to start it. */
function isAtRest({ load, active, result, queued }: UnitSeen): boolean {
  return load === "loaded" && active === "inactive" && result === "success" && !queued;
}

/** What a `oneshot` does is done, and what others trigger waits for them. */
function isStopped(unit: UnitSeen): boolean {
  return isAtRest(unit) && unit.type !== "oneshot" && !unit.triggered;
}

/** An instance of a template is enabled by us. */
function isDisabled({ name }: Service, { file }: UnitSeen, wasEnabled: boolean): boolean {
  return file === "disabled" && (wasEnabled || name.includes("@"));
}

function isOutdated({ active, needsDaemonReload, changedAt }: UnitSeen, editedAt: Date | null): boolean {
  if (needsDaemonReload) return true;
  if (active !== "active" || changedAt === null || editedAt === null) return false;
  // systemd's times are whole seconds: what was edited within the same one may have been read.
  return Math.floor(editedAt.getTime() / 1_000) > changedAt.getTime() / 1_000;
}

/** The steps that make a unit run, and be enabled, again; one that died is left to systemd and to people. */
export function planUnitDrift(service: Service, unit: UnitSeen, wasEnabled: boolean): readonly Step[] {
  if (service.action === null) return [];
  return [
    ...(isDisabled(service, unit, wasEnabled) ? [{ do: "systemctl", verb: "enable" } as const] : []),
    ...(isStopped(unit) ? [{ do: "systemctl", verb: "start" } as const] : []),
  ];
}
