/** Tells a unit of its new files, and sees whether the service is well with them. */
import type { HealthPorts } from "../health/ports.ts";
import { journalLines, verifyHealth } from "../health/verify.ts";
import { unitLog } from "../host/unit-log.ts";
import { systemctl } from "../host/units.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { ExecFailure } from "../platform/exec.ts";
import type { Context } from "./context.ts";
import type { Member } from "./member.ts";

const outputMaxChars = 4 * 1024;

/** @throws Problem, with what systemctl and the unit have said */
export async function tellUnit(
  service: Service,
  verb: string,
  { exec, telling, reloadUnitFiles }: Context,
): Promise<void> {
  const { name: unit, upstream, actionTimeoutMs: timeoutMs } = service;
  try {
    await telling.run(upstream, () => systemctl({ verb, unit, timeoutMs }, exec));
    if (verb === "enable") await reloadUnitFiles();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const output = error.cause instanceof ExecFailure ? error.cause.stderr.slice(-outputMaxChars) : "";
    const lines = await unitLog(unit, journalLines, exec).catch(() => []);
    const evidence = { output, journal: lines.join("\n") };
    throw new Problem(error.part, error.message, { cause: error, evidence });
  }
}

/** `mustRun`: a unit that does not run is not well; else somebody has stopped it. @throws Problem */
export async function verifyService(member: Member, mustRun: boolean, context: Context): Promise<void> {
  const { service, account } = member;
  const unit = { name: service.name, mustRun };
  const over = AbortSignal.any([context.stopping, context.superseded]);
  await verifyHealth({ unit, health: service.health, account }, portsOf(member, context), over);
  // Cut short, it has not said that all is well.
  over.throwIfAborted();
}

function portsOf(
  { service: { upstream }, underWay }: Member,
  { clock, exec, probing, observeUnit, unitChanges }: Context,
): HealthPorts {
  return {
    clock,
    observeUnit,
    unitChanges,
    say: (health) => underWay?.probed(health),
    exec: (argv, options) => probing.run(upstream, () => exec(argv, options)),
    unitLog: (unit, lines) => unitLog(unit, lines, exec),
  };
}
