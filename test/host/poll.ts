/** Waits for states without events. */
import { setTimeout as pause } from "node:timers/promises";

export interface PollOptions<T> {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** The message after the time-out; gets the last value. */
  readonly failure: (last: T) => string | Promise<string>;
}

/** Repeats until `isDone`. @throws with `failure`'s text when that takes longer than `timeoutMs`. */
export async function poll<T>(
  look: () => T | Promise<T>,
  isDone: (value: T) => boolean,
  options: PollOptions<T>,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const value = await look();
    if (isDone(value)) return value;
    if (performance.now() > deadline) throw new Error(await options.failure(value));
    await pause(options.everyMs);
  }
}
