/** Requests to take up the config as it is now. Those that come while one is carried out count as one more. */
import { untilAborted } from "../platform/abort.ts";

export class ReloadRequests {
  #rung = Promise.withResolvers<void>();

  request(): void {
    this.#rung.resolve();
  }

  /** Resolves on a request since the last call, or on abort. */
  async next(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#rung.promise, untilAborted(signal)]);
    this.#rung = Promise.withResolvers();
  }
}
