/** The reconciles that were requested with a poll of the upstream: with the running poll, and with the next one. */
import { coalesce, type ReconcileRequest } from "../../reconcile/reconcile-request.ts";

type Requests = ReadonlyMap<string, ReconcileRequest>;

export class PollRequests {
  #next = new Map<string, ReconcileRequest>();
  /** Those of the running poll, by service: a reconcile that starts meanwhile has its tips, and so its cause too. */
  current: Requests = new Map();

  /** Requests a reconcile with the next poll; joins a pending request for the service. */
  add(service: string, request: ReconcileRequest): void {
    this.#next.set(service, coalesce(this.#next.get(service), request));
  }

  /** A poll begins; answers the requests that it serves. */
  begin(): Requests {
    this.current = this.#next;
    this.#next = new Map();
    return this.current;
  }

  isPending(service: string): boolean {
    return this.#next.has(service) || this.current.has(service);
  }

  /** Null: no reconcile of the service was requested. */
  of(service: string): ReconcileRequest | null {
    return this.current.get(service) ?? this.#next.get(service) ?? null;
  }
}
