/** Time as an argument, so that tests own it. */
export interface Clock {
  now(): Date;
  /** Milliseconds that no change of the wall clock disturbs. */
  monotonicMs(): number;
  /** Resolves after the time or, quietly, on abort. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
    }),
};

/** When an instant of the monotonic clock is, as the wall clock is set now. */
export function wallTimeOf(monotonicMs: number, clock: Clock): Date {
  return new Date(clock.now().getTime() + monotonicMs - clock.monotonicMs());
}
