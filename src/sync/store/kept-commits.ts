/** Has the store keep what its services had last, so that they can go back there whatever becomes of upstream's branches. */
import { keepCommits } from "../../git/store/kept-refs.ts";
import type { Store } from "../../git/types.ts";
import type { LastDeployment } from "../../history/kept.ts";
import type { Commit } from "../../model/commit.ts";
import type { Context } from "../../reconcile/context.ts";

/** Of each service; more than `gitopperctl rollback` offers. */
const commitsKept = 12;
/** How many deployments are searched for them. */
const lookedThrough = 100;

interface Known {
  readonly last: LastDeployment | null;
  readonly commits: readonly Commit[];
}

export class KeptCommits {
  readonly #known = new Map<string, Known>();
  #written = "";
  #gone: ReadonlySet<Commit> = new Set();

  /** The newest commits whose deployment worked, without doubles. */
  of(service: string, { records }: Pick<Context, "records">): readonly Commit[] {
    const last = records.last(service);
    const known = this.#known.get(service);
    if (known?.last === last) return known.commits;
    const done = records
      .deployments(service, { before: null, limit: lookedThrough })
      .flatMap(({ to, result }) => (result === "done" ? [to] : []));
    const commits = [...new Set(done)].slice(0, commitsKept);
    this.#known.set(service, { last, commits });
    return commits;
  }

  /** Runs git only when there is something to change. @throws ExecFailure */
  async keep(
    store: Store,
    services: readonly string[],
    context: Pick<Context, "records" | "git">,
  ): Promise<void> {
    const wanted = [...new Set(services.flatMap((service) => this.of(service, context)))].sort();
    const key = wanted.join();
    if (key === this.#written) return;
    this.#gone = await keepCommits(store, wanted, context.git);
    this.#written = key;
  }

  /** The store is another one now. */
  forget(): void {
    this.#written = "";
  }

  /** The store was found not to have it any more. */
  isGone(commit: Commit): boolean {
    return this.#gone.has(commit);
  }
}
