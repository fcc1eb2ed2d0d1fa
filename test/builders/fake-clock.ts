/** A clock that a test sets: sleepers wake when it has been set past their time. */
import type { Clock } from "../../src/platform/clock.ts";

export class FakeClock implements Clock {
  #nowMs: number;
  #jumpedMs = 0;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(now: string) {
    this.#nowMs = new Date(now).getTime();
  }

  now(): Date {
    return new Date(this.#nowMs + this.#jumpedMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** The remaining time of each sleep, in ms. */
  sleeping(): number[] {
    return [...this.#sleepers].map(({ untilMs }) => untilMs - this.#nowMs);
  }

  /** Sets the wall clock; sleeps do not depend on it. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const { untilMs, wake } of [...this.#sleepers]) if (untilMs <= this.#nowMs) wake();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = {
        untilMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", sleeper.wake, { once: true });
    });
  }
}
