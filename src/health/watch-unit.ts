/** Watches a unit until it has been healthy for long enough, or fails. */
import { messageOf } from "../model/text/error-message.ts";
import { endingWith } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import { judgeUnit, type UnitVerdict } from "./judge-unit.ts";
import type { HealthPorts } from "./ports.ts";
import { Unhealthy } from "./unhealthy.ts";

export interface UnitDuty {
  readonly name: string;
  /** False: a unit that does not run was stopped by a person, and the service is left alone. */
  readonly mustRun: boolean;
}

type UnitPorts = Pick<HealthPorts, "clock" | "observeUnit" | "unitChanges">;

/** The longest time until a change without a signal is noticed. */
const checkEveryMs = 1_000;
/** Each check is a process: a unit that changes all the time is not checked all the time. */
const pauseMs = 100;

interface Watching {
  readonly enough: AbortSignal;
  /** `enough` is aborted with it. */
  readonly over: AbortSignal;
  /** Called when a unit that need not run is stopped, which makes its probes irrelevant. */
  readonly stopped: () => void;
}

/**
 * Ends with a last check after `enough` is aborted, and without an error after `over`, which aborts `enough` too; also
 * when a unit that need not run is stopped.
 * @throws Unhealthy at once when the unit fails or is started again
 */
export async function watchUnit(
  { name: unit, mustRun }: UnitDuty,
  ports: UnitPorts,
  { enough, over, stopped }: Watching,
): Promise<void> {
  const judgeNow = createJudge(unit, ports);
  while (!over.aborted) {
    const isLast = enough.aborted;
    using check = endingWith(over);
    // Before the check, so that no change falls in between.
    const change = ports.unitChanges(unit, check.signal);
    const verdict = await judgeNow();
    if (over.aborted) return;
    if (verdict.is === "stopped" && !mustRun) return stopped();
    if (verdict.is === "failed" || (isLast && verdict.is !== "well"))
      throw new Unhealthy(verdict.reason, verdict);
    if (isLast) return;
    await untilNextCheck(change, ports.clock, enough);
  }
}

function createJudge(unit: string, { clock, observeUnit }: UnitPorts): () => Promise<UnitVerdict> {
  const startMs = clock.monotonicMs();
  let restarts = Number.POSITIVE_INFINITY;
  return async () => {
    try {
      const run = await observeUnit(unit);
      restarts = Math.min(restarts, run.restarts);
      return judgeUnit(run, { unit, restarts, watchedMs: clock.monotonicMs() - startMs });
    } catch (error) {
      // The next check may succeed.
      return { is: "waits", reason: messageOf(error), byHost: true, code: "host-failed" };
    }
  };
}

async function untilNextCheck(change: Promise<void>, clock: Clock, enough: AbortSignal): Promise<void> {
  using wait = endingWith(enough);
  const changed = Promise.all([change, clock.sleep(pauseMs, wait.signal)]);
  await Promise.race([changed, clock.sleep(checkEveryMs, wait.signal)]);
}
