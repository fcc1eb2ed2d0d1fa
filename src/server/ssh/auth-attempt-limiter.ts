/** How many wrong credentials a connection may show: few, and one where its peer has shown too many within a minute. */
import { peerOf } from "../address.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";

const wrongMax = 6;
const minuteMs = 60_000;
const peersMax = 2_000;

export class Patience {
  readonly #failedLogins: Pick<FailedLogins, "note">;
  /** Of the current minute. */
  readonly #overdone = new Set<string>();
  #since = 0;

  constructor(failedLogins: Pick<FailedLogins, "note">) {
    this.#failedLogins = failedLogins;
  }

  wrongMaxFor(from: string): number {
    this.#forget();
    return this.#overdone.has(peerOf(from)) ? 1 : wrongMax;
  }

  /** A connection has ended without a good credential, after wrong ones. */
  disappointed(from: string): void {
    this.#forget();
    if (this.#failedLogins.note("ssh", from) && this.#overdone.size < peersMax)
      this.#overdone.add(peerOf(from));
  }

  #forget(): void {
    const now = performance.now();
    if (now - this.#since < minuteMs) return;
    this.#since = now;
    this.#overdone.clear();
  }
}
