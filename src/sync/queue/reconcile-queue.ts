/** Runs the reconciles of one service: at most one running and one pending. */
import { coalesce, type ReconcileRequest } from "../../reconcile/reconcile-request.ts";

export class ReconcileQueue {
  readonly #work: (request: ReconcileRequest) => Promise<void>;
  #running: Promise<void> | null = null;
  #pending: ReconcileRequest | null = null;

  readonly #onBug: (error: unknown) => void;

  /** `onBug` gets errors that `work` did not handle; the queue goes on. */
  constructor(work: (request: ReconcileRequest) => Promise<void>, onBug: (error: unknown) => void) {
    this.#work = work;
    this.#onBug = onBug;
  }

  /** Requests a reconcile; joins a pending one. */
  enqueue(request: ReconcileRequest): void {
    this.#pending = coalesce(this.#pending, request);
    this.#running ??= this.#run();
  }

  /** One is running or pending. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when none is running or pending. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let request = this.#pending; request !== null; request = this.#pending) {
      this.#pending = null;
      await this.#work(request).catch(this.#onBug);
    }
    this.#running = null;
  }
}
