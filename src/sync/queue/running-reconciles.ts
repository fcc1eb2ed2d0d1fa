/** The reconciles that are running, and what supersedes one: a person's decision, or a newer commit. */
import { type Commit, shortCommit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { sameAtLinks } from "../../reconcile/links.ts";
import type { ManagedService } from "../../reconcile/managed-service.ts";
import type { UpstreamView } from "../../rollout/target.ts";

interface Running {
  /** Of the service's branch, when it began. */
  readonly tip: Commit | undefined;
  readonly superseded: AbortController;
}

type Tips = ReadonlyMap<string, Commit>;

export class RunningReconciles {
  readonly #running = new Map<string, Running>();

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

  /** `by`: `a rollback`, or a commit. Does nothing when none is running. */
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
