/** The reconciles of a group: one queue for each service, which ones run, and when each service was reconciled last. */
import type { Log } from "../../platform/log.ts";
import type { ReconcileRequest } from "../../reconcile/reconcile-request.ts";
import { logBug } from "../../reconcile/to-problem.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";
import { RunningReconciles } from "./running-reconciles.ts";

type Work = (service: string, request: ReconcileRequest) => Promise<void>;

export class GroupReconciles {
  readonly running = new RunningReconciles();
  readonly #queues: ReadonlyMap<string, ReconcileQueue>;
  readonly #reconciledAt = new Map<string, Date>();

  constructor(services: readonly string[], work: Work, log: Log) {
    const onBug = (error: unknown) => logBug(error, log);
    const queueOf = (name: string) => new ReconcileQueue((request) => work(name, request), onBug);
    this.#queues = new Map(services.map((name) => [name, queueOf(name)]));
  }

  /** Joins a pending request; does nothing for a service of another group. */
  enqueue(service: string, request: ReconcileRequest): void {
    this.#queues.get(service)?.enqueue(request);
  }

  isBusy(service: string): boolean {
    return this.#queues.get(service)?.busy === true;
  }

  /** Resolves when no reconcile is running or pending: of these services, or of any. */
  async idle(services: readonly string[]): Promise<void> {
    const names = services.length > 0 ? services : this.#queues.keys().toArray();
    await Promise.all(names.map((name) => this.#queues.get(name)?.idle()));
  }

  /** Null: the service was not reconciled since the start. */
  reconciledAt(service: string): Date | null {
    return this.#reconciledAt.get(service) ?? null;
  }

  markReconciled(service: string, at: Date): void {
    this.#reconciledAt.set(service, at);
  }
}
