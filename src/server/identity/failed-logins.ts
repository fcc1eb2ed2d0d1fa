/** Credentials that were not good: counted for each peer, told, and answered with less patience when there are many. */
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
/** Who comes from more addresses than this is forgotten sooner; that costs no memory. */
const peersMax = 2_000;
/** Lines a minute, whoever it is. */
const linesMax = 20;

interface Tally {
  readonly since: number;
  count: number;
}

export class FailedLogins {
  readonly #options: FailedLoginsOptions;
  /** In the order in which their minutes began. */
  readonly #tallies = new Map<string, Tally>();
  #lines: Tally = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: FailedLoginsOptions) {
    this.#options = options;
  }

  /** Takes note of one. True: this peer had too many within a minute, and should be sent away. */
  note(door: DoorName, from: string): boolean {
    this.#options.onRefused(door);
    const peer = peerOf(from);
    const tally = this.#tallyOf(peer);
    tally.count++;
    if (tally.count === 1) this.#tell(door, peer);
    return tally.count > failuresMax;
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

  #tell(door: DoorName, peer: string): void {
    const now = this.#options.now();
    if (now - this.#lines.since >= windowMs) this.#lines = { since: now, count: 0 };
    this.#lines.count++;
    if (this.#lines.count > linesMax) return;
    const more = this.#lines.count === linesMax ? "; no more of these lines for a minute" : "";
    this.#options.warn(`a credential from ${peer} was refused (${door})${more}`);
  }
}
