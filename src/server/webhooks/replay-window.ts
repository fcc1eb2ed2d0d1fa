/** Remembers deliveries for some time, up to a limit. */

const windowMs = 60 * 60_000;
const keysMax = 4_000;

export class ReplayWindow {
  readonly #nowMs: () => number;
  /** When each came, oldest first. */
  readonly #seen = new Map<string, number>();

  /** `nowMs`: milliseconds of a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True: none of the keys was seen in the last hour. Remembers them. */
  isFirst(keys: readonly string[]): boolean {
    const now = this.#nowMs();
    this.#forget(now - windowMs);
    const isFirst = !keys.some((key) => this.#seen.has(key));
    for (const key of keys) if (!this.#seen.has(key)) this.#seen.set(key, now);
    return isFirst;
  }

  #forget(beforeMs: number): void {
    for (const [oldest, at] of this.#seen) {
      if (this.#seen.size <= keysMax && at >= beforeMs) return;
      this.#seen.delete(oldest);
    }
  }
}
