/** Verifies that a service is healthy after a change: its unit stays active, and its probes succeed. */
import type { Account } from "../model/account.ts";
import { HostFault, Problem } from "../model/problem.ts";
import type { Health } from "../model/service.ts";
import { type Ending, endingWith, untilAborted } from "../platform/abort.ts";
import { askProbe, nameOf } from "./ask.ts";
import { reportProgress } from "./health-progress.ts";
import { isStopped } from "./judge-unit.ts";
import type { HealthPorts } from "./ports.ts";
import { Unhealthy } from "./unhealthy.ts";
import { watchProbe } from "./watch-probe.ts";
import { type UnitDuty, watchUnit } from "./watch-unit.ts";

export interface VerificationTarget {
  /** Null: the service has no unit, or none that matters. */
  readonly unit: UnitDuty | null;
  readonly health: Health;
  /** The account for the commands of probes. */
  readonly account: Account;
}

/** How many lines of the unit's journal are kept after a failure. */
export const journalLines = 20;
const journalMaxChars = 16 * 1024;
const journalTimeoutMs = 3_000;

/**
 * Call it right after the change, because its times start now. On abort it resolves soon, as if all were healthy.
 * @throws Problem of the host, with the failing probe's answer and the end of the unit's journal
 */
export async function verifyHealth(
  target: VerificationTarget,
  ports: HealthPorts,
  signal: AbortSignal,
): Promise<void> {
  using over = endingWith(signal);
  try {
    await Promise.race([watchAll(target, ports, over), untilAborted(over.signal)]);
  } catch (error) {
    over.end();
    if (!(error instanceof Unhealthy)) throw error;
    // Its probes may fail before the unit is seen to be stopped.
    if (target.unit?.mustRun === false && (await isStoppedNow(target.unit.name, ports))) return;
    const { output = "", byHost, code } = error.about;
    const journal = await journalOf(target.unit, ports, signal);
    const options = { cause: error, evidence: { output, journal }, code };
    throw byHost ? new HostFault(error.message, options) : new Problem("host", error.message, options);
  }
}

async function watchAll(
  { unit, health, account }: VerificationTarget,
  ports: HealthPorts,
  { signal: over, end }: Ending,
): Promise<void> {
  if (unit !== null && !unit.mustRun && isStopped(await ports.observeUnit(unit.name))) return;
  const { settleMs, probes } = health;
  using enough = endingWith(over);
  const answered = reportProgress(settleMs, ports, over);
  const watches = probes.map((probe) => {
    const name = nameOf(probe);
    const ask = async (soon: AbortSignal) => {
      const answer = await askProbe(probe, account, ports, soon);
      if (!soon.aborted) answered(name, answer);
      return answer;
    };
    return watchProbe({ ...probe, settleMs, name, ask }, ports.clock, over);
  });
  const quiet = Promise.all([ports.clock.sleep(settleMs, over), ...watches]).then(enough.end);
  const watching = { enough: enough.signal, over, stopped: end };
  await Promise.all([quiet, unit && watchUnit(unit, ports, watching)]);
}

async function isStoppedNow(unit: string, { observeUnit }: HealthPorts): Promise<boolean> {
  return observeUnit(unit).then(
    ({ active }) => active === "inactive",
    () => false,
  );
}

/** Empty when the journal cannot be read in time; the reason is known without it. */
async function journalOf(
  unit: UnitDuty | null,
  { clock, unitLog }: HealthPorts,
  signal: AbortSignal,
): Promise<string> {
  if (unit === null) return "";
  using reading = endingWith(signal);
  const late = clock.sleep(journalTimeoutMs, reading.signal).then(() => []);
  const lines = await Promise.race([unitLog(unit.name, journalLines).catch(() => []), late]);
  return lines.join("\n").slice(-journalMaxChars);
}
