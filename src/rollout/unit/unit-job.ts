/** The systemctl commands that make a verb do to a unit what it says. Pure. */
import type { UnitSeen } from "../../model/unit.ts";

export interface UnitCommand {
  readonly verb: string;
  readonly units: readonly string[];
}

export interface UnitJob {
  /** One after another. */
  readonly commands: readonly UnitCommand[];
  /** What systemd holds against the unit has to be cleared first: it would refuse a start (StartLimitBurst=). */
  readonly resets: boolean;
}

/** For a unit as it is now; `running`: those of the units that it triggers that run. */
export function jobFor(
  { verb, unit }: { verb: string; unit: string },
  seen: UnitSeen,
  running: readonly string[],
): UnitJob {
  const down = seen.active === "failed" || seen.sub.startsWith("auto-restart");
  const resets = down && verb !== "enable";
  if (!replacesSocket(verb, seen, running)) return { commands: [{ verb, units: [unit] }], resets };
  // In one call they would not wait for each other.
  const commands = [
    { verb: "stop", units: [unit, ...running] },
    { verb: "start", units: [unit] },
    { verb: "start", units: running },
  ];
  return { commands, resets };
}

/** systemd starts no socket while its service runs: both have to stop before. */
function replacesSocket(verb: string, { id, active }: UnitSeen, running: readonly string[]): boolean {
  if (!id.endsWith(".socket") || running.length === 0) return false;
  const isUp = active === "active";
  return isUp ? verb.endsWith("restart") : verb === "start" || isRestartOfStopped(verb);
}

function isRestartOfStopped(verb: string): boolean {
  return verb === "restart" || verb === "reload-or-restart";
}

/** A start was refused because there had been too many: systemd.unit(5), StartLimitIntervalSec=. */
export function hitStartLimit({ active, result }: UnitSeen): boolean {
  return active === "failed" && result === "start-limit-hit";
}
