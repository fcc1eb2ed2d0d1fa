/** The doors of a daemon that may take up another config while it runs. */
import type { Desk } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";

interface Opened {
  readonly desk: Desk;
  readonly listeners: readonly Listener[];
}

export class Doors {
  #listeners: readonly Listener[] = [];
  #desk = Promise.withResolvers<Desk>();
  #isHeld = true;

  /** The desk for what changes something; while the doors are held, that which comes next. */
  readonly settled = (): Promise<Desk> => this.#desk.promise;

  /** From now on, what would change something waits for the next desk; reading goes on. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#desk = Promise.withResolvers();
  }

  /**
   * Opens new doors in place of those that are open, for which there is no room before `makeRoom`. A request that is
   * under way at an old one is answered.
   */
  async replace(open: (makeRoom: () => void) => Promise<Opened>): Promise<void> {
    const former = this.#listeners;
    const { desk, listeners } = await open(() => {
      // Closing stops listening at once, and then waits for connections.
      for (const listener of former) void listener.close();
    });
    this.#listeners = listeners;
    this.#isHeld = false;
    this.#desk.resolve(desk);
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
