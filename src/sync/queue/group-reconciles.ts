/** The reconciles of a group: one queue for each service, which ones run and what supersedes them, and when each ended last. */
import type { Tips } from "../../git/types.ts";
import { type Commit, shortCommit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import type { Log } from "../../platform/log.ts";
import { sameAtLinks } from "../../reconcile/links.ts";
import type { ManagedService } from "../../reconcile/managed-service.ts";
import type { ReconcileRequest } from "../../reconcile/reconcile-request.ts";
import { logBug } from "../../reconcile/to-problem.ts";
import type { UpstreamView } from "../../rollout/target.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";

interface Running {
  /** Of the service's branch, when it began. */
  readonly tip: Commit | undefined;
  readonly superseded: AbortController;
}

type Work = (service: string, request: ReconcileRequest) => Promise<void>;

export class GroupReconciles {
  readonly #queues: ReadonlyMap<string, ReconcileQueue>;
  readonly #running = new Map<string, Running>();
  /** When the last reconcile of each service ended. */
  readonly endedAt = new Map<string, Date>();

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

  /** `work` gets a signal that is aborted when it is superseded; its reason is a text such as `superseded by a rollback`. */
  async during<T>(
    { name, branch }: Pick<Service, "name" | "branch">,
    view: UpstreamView,
    work: (superseded: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const superseded = new AbortController();
    this.#running.set(name, { tip: view.is === "known" ? view.tips.get(branch) : undefined, superseded });
    try {
      return await work(superseded.signal);
    } finally {
      this.#running.delete(name);
    }
  }

  /** `by`: a person's decision such as `a rollback`, or a commit. Does nothing when none is running. */
  supersede(service: string, by: string): void {
    this.#running.get(service)?.superseded.abort(`superseded by ${by}`);
  }

  /**
   * Ends the reconciles whose branch has other content for their service since they began, if that would be deployed
   * now. A commit that has to wait or is refused ends nothing: the service gets the commit that it is about to get.
   */
  async supersedeOlder(
    members: readonly ManagedService[],
    tips: Tips,
    wouldDeploy: (managed: ManagedService, tip: Commit) => Promise<boolean>,
  ): Promise<void> {
    for (const managed of members) {
      const { name, branch } = managed.service;
      const before = this.#running.get(name)?.tip;
      const tip = tips.get(branch);
      if (before === undefined || tip === undefined || before === tip) continue;
      if (!(await sameAtLinks(managed, before, tip)) && (await wouldDeploy(managed, tip)))
        this.supersede(name, shortCommit(tip));
    }
  }
}
