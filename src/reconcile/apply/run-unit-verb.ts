/** Tells a unit of its new files, and sees whether the service is well with them. */
import type { HealthPorts } from "../../health/ports.ts";
import { journalLines, verifyHealth } from "../../health/verify.ts";
import { unitLog } from "../../host/systemd/unit-log.ts";
import { resetFailed, systemctl } from "../../host/systemd/units.ts";
import { HostFault, Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { hitStartLimit, jobFor } from "../../rollout/unit/unit-job.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";

const outputMaxChars = 4 * 1024;

/** @throws Problem, with what systemctl and the unit have said */
export async function runUnitVerb(service: Service, verb: string, context: Context): Promise<void> {
  const { name: unit, upstream } = service;
  const { exec, unitSlots, reloadUnitFiles, superseded } = context;
  try {
    await unitSlots.run(upstream, () => carryOut(service, verb, context), superseded);
    if (verb === "enable") await reloadUnitFiles();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const output = error.cause instanceof ExecFailure ? error.cause.stderr.slice(-outputMaxChars) : "";
    const lines = await unitLog(unit, journalLines, exec).catch(() => []);
    const options = { cause: error, code: error.code, evidence: { output, journal: lines.join("\n") } };
    throw error instanceof HostFault
      ? new HostFault(error.message, options)
      : new Problem(error.part, error.message, options);
  }
}

/** A limit of starts is for units that die by themselves: what a new commit needs is done in spite of it. */
async function carryOut(service: Service, verb: string, context: Context): Promise<void> {
  const { name: unit, actionTimeoutMs: timeoutMs } = service;
  const { exec, observeUnit } = context;
  const seen = await observeUnit(unit);
  const job = jobFor({ verb, unit }, seen, await runningOf(seen.triggers, context));
  if (job.resets) await resetFailed(unit, exec);
  try {
    for (const command of job.commands) await systemctl({ ...command, unit, timeoutMs }, exec);
  } catch (error) {
    if (!(error instanceof HostFault) || !hitStartLimit(await observeUnit(unit))) throw error;
    await resetFailed(unit, exec);
    await systemctl({ verb: "start", unit, timeoutMs }, exec);
  }
}

async function runningOf(units: readonly string[], { observeUnit }: Context): Promise<readonly string[]> {
  const seen = await Promise.all(units.map((unit) => observeUnit(unit)));
  return units.filter((_, index) => !["inactive", "failed"].includes(seen[index]?.active ?? "inactive"));
}

/** `mustRun`: a unit that does not run is unhealthy; otherwise an administrator may have stopped it. @throws Problem */
export async function verifyService(
  managed: ManagedService,
  mustRun: boolean,
  context: Context,
): Promise<void> {
  const { service, account } = managed;
  const unit = { name: service.name, mustRun };
  const over = AbortSignal.any([context.stopping, context.superseded]);
  await verifyHealth({ unit, health: service.health, account }, portsOf(managed, context), over);
  // Cut short, it has not said that all is well.
  over.throwIfAborted();
}

function portsOf(
  { service: { upstream }, underWay }: ManagedService,
  { clock, exec, probeSlots, observeUnit, unitChanges }: Context,
): HealthPorts {
  return {
    clock,
    observeUnit,
    unitChanges,
    onProgress: (health) => underWay?.probed(health),
    exec: (argv, options) => probeSlots.run(upstream, () => exec(argv, options)),
    unitLog: (unit, lines) => unitLog(unit, lines, exec),
  };
}
