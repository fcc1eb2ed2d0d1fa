/** Time as a dependency, so that tests control it. */
import { setTimeout } from "node:timers/promises";

export interface Clock {
  now(): Date;
  /** Milliseconds that are independent of changes of the wall clock. */
  monotonicMs(): number;
  /** Resolves after the time, and on abort without an error. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  // It rejects on abort only.
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
};

/** Converts an instant of the monotonic clock to the wall clock as it is set now. */
export function wallTimeOf(monotonicMs: number, clock: Clock): Date {
  return new Date(clock.now().getTime() + monotonicMs - clock.monotonicMs());
}
