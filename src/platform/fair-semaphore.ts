/** Bounds how much runs at once, and shares the places out fairly among those for whom it runs. */

export interface FairLimitSettings {
  /** How much runs at once, as long as none of it takes longer than `holdMs`. */
  readonly places: number;
  /** What takes longer goes on without its place, which somebody else gets. Absent: it keeps it to its end. */
  readonly holdMs?: number;
  /** How much of one owner runs at once at most, with and without a place. Absent: any number. */
  readonly ofOneMax?: number;
}

/** How much waits and runs for one owner. */
interface Share {
  readonly queue: (() => void)[];
  running: number;
}

/**
 * Owners take turns, whatever each of them has waiting; what one owner has comes in the order in which it was asked for.
 * What takes long is taken for something that waits (for a network, a unit, a disk): it keeps nobody else from working.
 */
export class FairLimit {
  readonly #holdMs: number | null;
  readonly #ofOneMax: number;
  /** The owner whose turn is next comes first. */
  readonly #shares = new Map<string, Share>();
  #free: number;
  #waiting = 0;

  constructor({ places, holdMs, ofOneMax = Number.POSITIVE_INFINITY }: FairLimitSettings) {
    this.#free = places;
    this.#holdMs = holdMs ?? null;
    this.#ofOneMax = ofOneMax;
  }

  /** How much waits for a place. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Does the work when there is a place for it; answers, and fails, as the work does. An abort ends the wait alone. */
  async run<T>(owner: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const share = this.#shareOf(owner);
    await this.#admit(owner, share, signal);
    const giveBack = this.#hold();
    try {
      return await work();
    } finally {
      share.running -= 1;
      if (share.running === 0 && share.queue.length === 0) this.#shares.delete(owner);
      giveBack();
      this.#next();
    }
  }

  #shareOf(owner: string): Share {
    const share = this.#shares.get(owner) ?? { queue: [], running: 0 };
    this.#shares.set(owner, share);
    return share;
  }

  /** Resolves when the share has one more running, in a place that was taken for it. */
  #admit(owner: string, share: Share, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const admit = () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      share.queue.splice(share.queue.indexOf(admit), 1);
      this.#waiting -= 1;
      if (share.running === 0 && share.queue.length === 0) this.#shares.delete(owner);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    share.queue.push(admit);
    this.#waiting += 1;
    this.#next();
    return promise;
  }

  /** Answers what gives the place back, once. */
  #hold(): () => void {
    let held = true;
    const giveBack = () => {
      if (held) this.#free += 1;
      held = false;
    };
    if (this.#holdMs === null) return giveBack;
    const timer = setTimeout(() => {
      giveBack();
      this.#next();
    }, this.#holdMs);
    return () => {
      clearTimeout(timer);
      giveBack();
    };
  }

  /** Fills the places that are free; an owner who gets one goes to the end of the row. */
  #next(): void {
    while (this.#free > 0 && this.#waiting > 0) {
      const turn = this.#turn();
      if (turn === null) return;
      const [owner, share] = turn;
      this.#shares.delete(owner);
      this.#shares.set(owner, share);
      this.#free -= 1;
      this.#waiting -= 1;
      share.running += 1;
      share.queue.shift()?.();
    }
  }

  #turn(): [string, Share] | null {
    for (const entry of this.#shares) {
      const [, { queue, running }] = entry;
      if (queue.length > 0 && running < this.#ofOneMax) return entry;
    }
    return null;
  }
}

/** A limit for work that has one owner: it runs in the order in which it was asked for. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimit(slots: number): Limit {
  const limit = new FairLimit({ places: slots });
  return (work) => limit.run("", work);
}
