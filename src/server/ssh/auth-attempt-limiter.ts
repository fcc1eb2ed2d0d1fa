/** Limits wrong credentials per SSH connection: six, or one for a peer with too many failures within a minute. */
import { peerOf } from "../address.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";

const failuresMax = 6;
const windowMs = 60_000;
const peersMax = 2_000;

export class AuthAttemptLimiter {
  readonly #failedLogins: Pick<FailedLogins, "record">;
  /** Peers with too many failures in the current minute. */
  readonly #limitedPeers = new Set<string>();
  #since = 0;

  constructor(failedLogins: Pick<FailedLogins, "record">) {
    this.#failedLogins = failedLogins;
  }

  failuresMaxFor(from: string): number {
    this.#startMinute();
    return this.#limitedPeers.has(peerOf(from)) ? 1 : failuresMax;
  }

  /** Counts a connection that ended after wrong credentials, without a good one. */
  recordFailure(from: string): void {
    this.#startMinute();
    if (this.#failedLogins.record("ssh", from) && this.#limitedPeers.size < peersMax)
      this.#limitedPeers.add(peerOf(from));
  }

  #startMinute(): void {
    const now = performance.now();
    if (now - this.#since < windowMs) return;
    this.#since = now;
    this.#limitedPeers.clear();
  }
}
