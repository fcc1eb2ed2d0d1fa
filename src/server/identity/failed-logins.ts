/** Counts refused credentials per peer, logs them, and says when a peer has shown too many. */
import type { DoorName } from "../../api/caller.ts";
import { peerOf } from "../address.ts";

export interface FailedLoginsOptions {
  readonly onRefused: (door: DoorName) => void;
  readonly warn: (message: string) => void;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

const windowMs = 60_000;
const failuresMax = 30;
/** Beyond this many peers the oldest are forgotten early, which bounds memory. */
const peersMax = 2_000;
/** Log lines per minute, for all peers together. */
const linesMax = 20;

interface Tally {
  readonly since: number;
  count: number;
}

export class FailedLogins {
  readonly #options: FailedLoginsOptions;
  /** Ordered by the start of their minutes. */
  readonly #tallies = new Map<string, Tally>();
  #lines: Tally = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: FailedLoginsOptions) {
    this.#options = options;
  }

  /** Counts one refused credential. True: this peer had too many within a minute; reject it. */
  record(door: DoorName, from: string): boolean {
    this.#options.onRefused(door);
    const peer = peerOf(from);
    const tally = this.#tallyOf(peer);
    tally.count++;
    if (tally.count === 1) this.#warn(door, peer);
    return tally.count > failuresMax;
  }

  /** Whether this peer had too many within the last minute. */
  isLimited(from: string): boolean {
    const tally = this.#tallies.get(peerOf(from));
    return tally !== undefined && tally.count > failuresMax && this.#options.now() - tally.since < windowMs;
  }

  #tallyOf(peer: string): Tally {
    const now = this.#options.now();
    const known = this.#tallies.get(peer);
    if (known !== undefined && now - known.since < windowMs) return known;
    const fresh = { since: now, count: 0 };
    this.#tallies.delete(peer);
    this.#tallies.set(peer, fresh);
    for (const [oldest, { since }] of this.#tallies) {
      if (this.#tallies.size <= peersMax && now - since < windowMs) break;
      this.#tallies.delete(oldest);
    }
    return fresh;
  }

  #warn(door: DoorName, peer: string): void {
    const now = this.#options.now();
    if (now - this.#lines.since >= windowMs) this.#lines = { since: now, count: 0 };
    this.#lines.count++;
    if (this.#lines.count > linesMax) return;
    const more = this.#lines.count === linesMax ? "; no more of these lines for a minute" : "";
    this.#options.warn(`a credential from ${peer} was refused (${door})${more}`);
  }
}
