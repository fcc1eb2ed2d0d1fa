/** The open listeners of a daemon, across reloads of its config. */
import type { Router } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";

interface Opened {
  readonly router: Router;
  readonly listeners: readonly Listener[];
}

export class Listeners {
  #listeners: readonly Listener[] = [];
  #router = Promise.withResolvers<Router>();
  #isHeld = true;

  /** The router for changes; while changes are held, the next one. */
  readonly routerForChanges = (): Promise<Router> => this.#router.promise;

  /** From now on changes wait for the next router; reads continue. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#router = Promise.withResolvers();
  }

  /**
   * Opens new listeners in place of the open ones. Their addresses are free after `makeRoom` has been called. Requests
   * under way at the old ones are answered.
   */
  async replace(open: (makeRoom: () => void) => Promise<Opened>): Promise<void> {
    const former = this.#listeners;
    const { router, listeners } = await open(() => {
      // `close` stops listening at once, and then waits for connections.
      for (const listener of former) void listener.close();
    });
    this.#listeners = listeners;
    this.#isHeld = false;
    this.#router.resolve(router);
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
