/** The interface of a verification to the outside. */
import type { Clock } from "../platform/clock.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { UnitRun } from "./judge-unit.ts";

export interface HealthPorts {
  readonly clock: Clock;
  /** Runs the commands of probes; its provider limits how many run at once. */
  readonly exec: Exec;
  readonly observeUnit: (unit: string) => Promise<UnitRun>;
  /** Resolves when the unit changes, and on abort. It may miss changes, because units are also checked in between. */
  readonly unitChanges: (unit: string, signal: AbortSignal) => Promise<void>;
  /** Gets the progress in a few words. */
  readonly onProgress: (health: string) => void;
  /** The last lines of the unit's journal, oldest first. */
  readonly unitLog: (unit: string, lines: number) => Promise<readonly string[]>;
}
