/** Runs the reconciles of one service: at most one running and one pending. */
import { coalesce, type ReconcileRequest } from "../../reconcile/reconcile-request.ts";

export class ReconcileQueue {
  readonly #work: (asked: ReconcileRequest) => Promise<void>;
  #running: Promise<void> | null = null;
  #waiting: ReconcileRequest | null = null;

  readonly #onBug: (error: unknown) => void;

  /** `onBug` gets errors that `work` did not handle; the queue goes on. */
  constructor(work: (asked: ReconcileRequest) => Promise<void>, onBug: (error: unknown) => void) {
    this.#work = work;
    this.#onBug = onBug;
  }

  /** Requests a reconcile; joins a pending one. */
  enqueue(asked: ReconcileRequest): void {
    this.#waiting = coalesce(this.#waiting, asked);
    this.#running ??= this.#run();
  }

  /** Something is under way, or waits. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when nothing is under way and nothing waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let asked = this.#waiting; asked !== null; asked = this.#waiting) {
      this.#waiting = null;
      await this.#work(asked).catch(this.#onBug);
    }
    this.#running = null;
  }
}
