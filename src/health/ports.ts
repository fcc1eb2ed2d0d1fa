/** What a verification needs of the world; the daemon has it. */
import type { Clock } from "../platform/clock.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { UnitRun } from "./judge-unit.ts";

export interface HealthPorts {
  readonly clock: Clock;
  /** Runs the commands of probes; whoever gives it bounds how many run at once. */
  readonly exec: Exec;
  readonly observeUnit: (unit: string) => Promise<UnitRun>;
  /** Resolves when something of the unit changes, and on abort. It need not see all: units are looked at in between. */
  readonly unitChanges: (unit: string, signal: AbortSignal) => Promise<void>;
  /** Hears what is known so far, in a few words. */
  readonly say: (health: string) => void;
  /** The unit's last lines, oldest first. */
  readonly unitLog: (unit: string, lines: number) => Promise<readonly string[]>;
}
