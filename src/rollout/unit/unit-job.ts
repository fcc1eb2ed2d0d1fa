/** The systemctl commands that make a verb do to a unit what it says. Pure. */
import type { UnitSeen } from "../../model/unit.ts";
import { startingVerbs } from "./plan-unit.ts";

interface UnitJob {
  /** One after another. */
  readonly commands: readonly { readonly verb: string; readonly units: readonly string[] }[];
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
  return active === "active" ? verb.endsWith("restart") : startingVerbs.includes(verb);
}

/** A start was refused because there had been too many: systemd.unit(5), StartLimitIntervalSec=. */
export function hitStartLimit({ active, result }: UnitSeen): boolean {
  return active === "failed" && result === "start-limit-hit";
}
