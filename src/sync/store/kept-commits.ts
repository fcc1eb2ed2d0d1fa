/** Keeps the last commits of its services in a store, so that a service can go back whatever becomes of upstream's branches. */
import type { Git } from "../../git/git.ts";
import { keepCommits, readKept } from "../../git/store/kept-refs.ts";
import type { Store } from "../../git/types.ts";
import type { Commit } from "../../model/commit.ts";
import type { Phase } from "../../model/deployment/phase.ts";
import { holdOf } from "../../model/state.ts";
import type { Records } from "../../reconcile/records.ts";
import { headOf, towards } from "../../rollout/phase.ts";

/** For each service; more than `gitopperctl rollback` offers. */
const commitsKept = 12;
/** How many deployments are searched for them. */
const searchedMax = 100;

interface Known {
  /** A deployment that ends changes it. */
  readonly phase: Phase;
  readonly commits: readonly Commit[];
}

export interface KeptCommitsPorts {
  readonly records: Pick<Records, "get" | "deployments">;
  readonly git: Git;
}

export class KeptCommits {
  readonly #ports: KeptCommitsPorts;
  readonly #known = new Map<string, Known>();
  /** What the store keeps, but for those that are gone; null: it is to be read. */
  #kept: ReadonlySet<Commit> | null = null;
  #gone: ReadonlySet<Commit> = new Set();

  constructor(ports: KeptCommitsPorts) {
    this.#ports = ports;
  }

  /** What the store has to have for the service: its commits now, and those that it can go back to. */
  neededBy(service: string): readonly Commit[] {
    const { records } = this.#ports;
    const { commit, phase, state } = records.get(service);
    const all = [commit, headOf(phase), holdOf(state)?.commit, towards(phase), ...this.of(service)];
    return all.filter((id) => id !== null && id !== undefined);
  }

  /** False also where the service has a commit of another upstream, as after a change of the config. */
  isDeployedFrom({ path }: Pick<Store, "path">, service: string): boolean {
    const { commit, origin } = this.#ports.records.get(service);
    return commit !== null && origin.startsWith(`${path} `);
  }

  /** The newest commits whose deployment worked, without duplicates. */
  of(service: string): readonly Commit[] {
    const { records } = this.#ports;
    const { phase } = records.get(service);
    const known = this.#known.get(service);
    if (known?.phase === phase) return known.commits;
    const done = records
      .deployments(service, { before: null, limit: searchedMax })
      .flatMap(({ to, result }) => (result === "done" ? [to] : []));
    const commits = [...new Set(done)].slice(0, commitsKept);
    this.#known.set(service, { phase, commits });
    return commits;
  }

  /** Runs git only when there is something to change. @throws ExecFailure */
  async keep(store: Store, services: readonly string[]): Promise<void> {
    const { git } = this.#ports;
    const wanted = new Set(services.flatMap((service) => this.of(service)));
    if (this.#kept?.symmetricDifference(wanted).size === 0) return;
    const have = this.#kept?.difference(this.#gone) ?? (await readKept(store, git));
    // After a failure it is unknown which of them the store keeps.
    this.#kept = null;
    this.#gone = await keepCommits(store, wanted, have, git);
    this.#kept = wanted;
  }

  /** Another store has taken its place. */
  forget(): void {
    this.#kept = null;
  }

  /** True when the store was found to have lost the commit. */
  isGone(commit: Commit): boolean {
    return this.#gone.has(commit);
  }
}
