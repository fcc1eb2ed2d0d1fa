/** Runs the verbs of units, and what these take. */
import { journalLines } from "../../health/verify.ts";
import { unitLog } from "../../host/systemd/unit-log.ts";
import { type ReloadUnitFiles, resetFailed, systemctl } from "../../host/systemd/units.ts";
import { HostFault, Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import type { UnitSeen } from "../../model/unit.ts";
import type { FairSemaphore } from "../../platform/fair-semaphore.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { hitStartLimit, jobFor } from "../../rollout/unit/unit-job.ts";
import type { UnitPort, Units } from "../ports.ts";

const outputMaxChars = 4 * 1024;
const down = ["inactive", "failed"];

interface Parts {
  readonly exec: Exec;
  readonly observe: (unit: string) => Promise<UnitSeen>;
  readonly reloadFiles: ReloadUnitFiles;
  readonly monitor: UnitPort;
  /** How many verbs run at once; each upstream has its share. */
  readonly slots: FairSemaphore;
}

export function createUnits({ exec, observe, reloadFiles, monitor, slots }: Parts): Units {
  return {
    observe,
    reloadFiles,
    judge: (service, atEnd) => monitor.judge(service, atEnd),
    lastSeen: (service) => monitor.lastSeen(service),
    hostStops: () => monitor.hostStops(),
    async run(service, verb, signal) {
      try {
        await slots.run(service.upstream, () => runVerb(service, verb, { exec, observe }), signal);
        if (verb === "enable") await reloadFiles();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const output = error.cause instanceof ExecFailure ? error.cause.stderr.slice(-outputMaxChars) : "";
        const lines = await unitLog(service.name, journalLines, exec).catch(() => []);
        const options = { cause: error, code: error.code, evidence: { output, journal: lines.join("\n") } };
        throw error instanceof HostFault
          ? new HostFault(error.message, options)
          : new Problem(error.part, error.message, options);
      }
    },
  };
}

/** A limit of starts is for units that die by themselves: what a new commit needs is done in spite of it. */
async function runVerb(
  { name: unit, actionTimeoutMs: timeoutMs }: Service,
  verb: string,
  { exec, observe }: Pick<Parts, "exec" | "observe">,
): Promise<void> {
  const seen = await observe(unit);
  const observeTriggered = async (each: string) => ({ each, active: (await observe(each)).active });
  const triggered = await Promise.all(seen.triggers.map(observeTriggered));
  const running = triggered.flatMap(({ each, active }) => (down.includes(active) ? [] : [each]));
  const job = jobFor({ verb, unit }, seen, running);
  if (job.resets) await resetFailed(unit, exec);
  try {
    for (const command of job.commands) await systemctl({ ...command, unit, timeoutMs }, exec);
  } catch (error) {
    if (!(error instanceof HostFault) || !hitStartLimit(await observe(unit))) throw error;
    await resetFailed(unit, exec);
    await systemctl({ verb: "start", unit, timeoutMs }, exec);
  }
}
