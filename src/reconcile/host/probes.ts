/** Waits until a service is well: its unit, and its probes. */
import { verifyHealth } from "../../health/verify.ts";
import type { UnitWatch } from "../../host/bus/watch-units.ts";
import { unitLog } from "../../host/systemd/unit-log.ts";
import type { Clock } from "../../platform/clock.ts";
import type { FairSemaphore } from "../../platform/fair-semaphore.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Probes } from "../ports.ts";

interface Parts {
  readonly exec: Exec;
  readonly watch: Pick<UnitWatch, "observe" | "nextChange">;
  readonly clock: Clock;
  /** How many commands of probes run at once; each upstream has its share. */
  readonly slots: FairSemaphore;
}

export function createProbes({ exec, watch, clock, slots }: Parts): Probes {
  return async ({ service, account }, { mustRun, onProgress }, over) => {
    const { name, health, upstream } = service;
    const ports = {
      ...{ clock, observeUnit: watch.observe, onProgress },
      unitChanges: (unit: string, signal: AbortSignal) => watch.nextChange(unit, signal),
      exec: (argv: readonly string[], options: Parameters<Exec>[1]) =>
        slots.run(upstream, () => exec(argv, options)),
      unitLog: (unit: string, lines: number) => unitLog(unit, lines, exec),
    };
    await verifyHealth({ unit: { name, mustRun }, health, account }, ports, over);
    // Cut short, it has not said that all is well.
    over.throwIfAborted();
  };
}
