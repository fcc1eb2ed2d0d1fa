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
import type { AtEnd, UnitPort, Units } from "../ports.ts";

const outputMaxChars = 4 * 1024;

interface Parts {
  readonly exec: Exec;
  readonly observe: (unit: string) => Promise<UnitSeen>;
  readonly reloadFiles: ReloadUnitFiles;
  readonly monitor: UnitPort;
  /** How many verbs run at once; each upstream has its share. */
  readonly slots: FairSemaphore;
}

export class UnitsOnHost implements Units {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  observe(unit: string): Promise<UnitSeen> {
    return this.#parts.observe(unit);
  }

  reloadFiles(): Promise<void> {
    return this.#parts.reloadFiles();
  }

  judge(service: Service, atEnd: AtEnd) {
    return this.#parts.monitor.judge(service, atEnd);
  }

  lastSeen(service: Service): UnitSeen | null {
    return this.#parts.monitor.lastSeen(service);
  }

  hostStops(): Promise<boolean> {
    return this.#parts.monitor.hostStops();
  }

  async run(service: Service, verb: string, signal: AbortSignal): Promise<void> {
    const { exec, slots } = this.#parts;
    try {
      await slots.run(service.upstream, () => this.#run(service, verb), signal);
      if (verb === "enable") await this.reloadFiles();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const output = error.cause instanceof ExecFailure ? error.cause.stderr.slice(-outputMaxChars) : "";
      const lines = await unitLog(service.name, journalLines, exec).catch(() => []);
      const options = { cause: error, code: error.code, evidence: { output, journal: lines.join("\n") } };
      throw error instanceof HostFault
        ? new HostFault(error.message, options)
        : new Problem(error.part, error.message, options);
    }
  }

  /** A limit of starts is for units that die by themselves: what a new commit needs is done in spite of it. */
  async #run({ name: unit, actionTimeoutMs: timeoutMs }: Service, verb: string): Promise<void> {
    const { exec } = this.#parts;
    const seen = await this.observe(unit);
    const job = jobFor({ verb, unit }, seen, await this.#runningOf(seen.triggers));
    if (job.resets) await resetFailed(unit, exec);
    try {
      for (const command of job.commands) await systemctl({ ...command, unit, timeoutMs }, exec);
    } catch (error) {
      if (!(error instanceof HostFault) || !hitStartLimit(await this.observe(unit))) throw error;
      await resetFailed(unit, exec);
      await systemctl({ verb: "start", unit, timeoutMs }, exec);
    }
  }

  async #runningOf(units: readonly string[]): Promise<readonly string[]> {
    const seen = await Promise.all(units.map((unit) => this.observe(unit)));
    return units.filter((_, index) => !["inactive", "failed"].includes(seen[index]?.active ?? "inactive"));
  }
}
