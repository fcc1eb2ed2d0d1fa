/** Limits how much work runs at once, and shares the slots fairly among the owners of the work. */

export interface FairSemaphoreSettings {
  /** How much work runs at once, as long as none of it takes longer than `yieldAfterMs`. */
  readonly slots: number;
  /** Work that takes longer releases its slot and continues without one. Absent: it keeps its slot until it ends. */
  readonly yieldAfterMs?: number;
  /** The most that runs at once for one owner, with and without a slot. Absent: no limit. */
  readonly perOwnerMax?: number;
}

/** The work of one owner. */
interface Share {
  readonly queue: (() => void)[];
  running: number;
}

/**
 * Owners take turns, however much each has waiting; the work of one owner starts in the order of the calls to `run`.
 * Slow work is assumed to wait for a network, a unit or a disk, so it does not keep other work from a slot.
 */
export class FairSemaphore {
  readonly #yieldAfterMs: number | null;
  readonly #perOwnerMax: number;
  /** The next owner comes first. */
  readonly #shares = new Map<string, Share>();
  #freeSlots: number;
  #waiting = 0;

  constructor({ slots, yieldAfterMs, perOwnerMax = Number.POSITIVE_INFINITY }: FairSemaphoreSettings) {
    this.#freeSlots = slots;
    this.#yieldAfterMs = yieldAfterMs ?? null;
    this.#perOwnerMax = perOwnerMax;
  }

  /** How much work waits for a slot. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Does the work when a slot is free. Resolves and rejects as the work does.
   * An abort ends the wait for a slot; it does not end work that has started.
   */
  async run<T>(owner: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const share = this.#shareOf(owner);
    await this.#admit(owner, share, signal);
    const release = this.#occupy();
    try {
      return await work();
    } finally {
      share.running -= 1;
      if (share.running === 0 && share.queue.length === 0) this.#shares.delete(owner);
      release();
      this.#fillSlots();
    }
  }

  #shareOf(owner: string): Share {
    const share = this.#shares.get(owner) ?? { queue: [], running: 0 };
    this.#shares.set(owner, share);
    return share;
  }

  /** Resolves when a slot was taken for the owner and its running work counted. */
  #admit(owner: string, share: Share, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const admit = () => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    };
    const giveUp = () => {
      share.queue.splice(share.queue.indexOf(admit), 1);
      this.#waiting -= 1;
      if (share.running === 0 && share.queue.length === 0) this.#shares.delete(owner);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    share.queue.push(admit);
    this.#waiting += 1;
    this.#fillSlots();
    return promise;
  }

  /** Returns the function that releases the slot; only its first call counts. */
  #occupy(): () => void {
    let held = true;
    const release = () => {
      if (held) this.#freeSlots += 1;
      held = false;
    };
    if (this.#yieldAfterMs === null) return release;
    const timer = setTimeout(() => {
      release();
      this.#fillSlots();
    }, this.#yieldAfterMs);
    return () => {
      clearTimeout(timer);
      release();
    };
  }

  /** Fills the free slots; an owner that gets one goes to the end of the row. */
  #fillSlots(): void {
    while (this.#freeSlots > 0 && this.#waiting > 0) {
      const next = this.#nextOwner();
      if (next === null) return;
      const [owner, share] = next;
      this.#shares.delete(owner);
      this.#shares.set(owner, share);
      this.#freeSlots -= 1;
      this.#waiting -= 1;
      share.running += 1;
      share.queue.shift()?.();
    }
  }

  #nextOwner(): [string, Share] | null {
    for (const entry of this.#shares) {
      const [, { queue, running }] = entry;
      if (queue.length > 0 && running < this.#perOwnerMax) return entry;
    }
    return null;
  }
}

/** Limits work of one owner, which runs in the order of the calls. */
export function createLimit(slots: number): <T>(work: () => Promise<T>) => Promise<T> {
  const semaphore = new FairSemaphore({ slots });
  return (work) => semaphore.run("", work);
}
