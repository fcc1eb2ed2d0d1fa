/** Requests to reload the config. Requests during a reload are coalesced into one more. */
import { untilAborted } from "../platform/abort.ts";

export class ReloadRequests {
  #fired = Promise.withResolvers<void>();

  request(): void {
    this.#fired.resolve();
  }

  /** Resolves on a request since the last call, or on abort. */
  async next(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#fired.promise, untilAborted(signal)]);
    this.#fired = Promise.withResolvers();
  }
}
