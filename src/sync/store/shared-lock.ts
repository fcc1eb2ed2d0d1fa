/** A lock that many share, or one holder has alone. */
export class SharedLock {
  readonly #holders = new Set<Promise<unknown>>();
  #exclusive: Promise<void> | null = null;

  /** Waits while an exclusive holder waits or works. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#exclusive !== null) await this.#exclusive;
    const working = work();
    this.#holders.add(working);
    try {
      return await working;
    } finally {
      this.#holders.delete(working);
    }
  }

  /**
   * Waits until no holder is left; later ones wait until the work is done. Shared holders may still come while it
   * waits: one whose work takes long does not delay them.
   */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    while (this.#exclusive !== null || this.#holders.size > 0)
      await (this.#exclusive ?? Promise.allSettled(this.#holders));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exclusive = promise;
    try {
      return await work();
    } finally {
      this.#exclusive = null;
      resolve();
    }
  }
}
