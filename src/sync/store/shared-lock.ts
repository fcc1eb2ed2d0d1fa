/** Lets many in at once, and now and then one alone. */
export class SharedLock {
  readonly #inside = new Set<Promise<unknown>>();
  #alone: Promise<void> | null = null;

  /** Waits while an exclusive holder waits or works. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    const under = work();
    this.#inside.add(under);
    try {
      return await under;
    } finally {
      this.#inside.delete(under);
    }
  }

  /**
   * Waits until nobody is inside; who comes then waits until it is done. Until then others come and go: one whose work
   * takes long does not keep them out.
   */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null || this.#inside.size > 0)
      await (this.#alone ?? Promise.allSettled(this.#inside));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    try {
      return await work();
    } finally {
      this.#alone = null;
      resolve();
    }
  }
}
