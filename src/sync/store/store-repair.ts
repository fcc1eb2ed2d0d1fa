/** Repairs the store of one upstream and user: removes stale locks, and rebuilds it when it is damaged. */
import { type Damage, isAbout } from "../../git/store/damage.ts";
import type { GitPlace, Store } from "../../git/types.ts";
import { Problem } from "../../model/problem.ts";
import type { Life } from "../../platform/life.ts";
import type { ManagedService } from "../../reconcile/managed-service.ts";
import type { Checkouts } from "../../reconcile/ports.ts";
import { toProblem } from "../../reconcile/to-problem.ts";
import type { KeptCommits } from "./kept-commits.ts";
import { SharedLock } from "./shared-lock.ts";
import type { StoreFiles } from "./store-files.ts";
import type { StoreMaintenance } from "./store-maintenance.ts";

/** A younger lock may be one of an admin's git. Also the time between two polls for the same repair. */
const lockOldMs = 60_000;
/** Damage that comes back at once is not to be cured by fetching everything again and again. */
const rebuildAgainMs = 10 * 60_000;

export interface RepairPorts {
  readonly files: StoreFiles;
  readonly checkouts: Pick<Checkouts, "observe" | "mend" | "forget">;
  readonly kept: Pick<KeptCommits, "neededBy" | "isDeployedFrom" | "keep" | "forget" | "isGone">;
  readonly maintenance: Pick<StoreMaintenance, "begin" | "stop">;
}

export class StoreRepair {
  readonly kept: RepairPorts["kept"];
  readonly #ports: RepairPorts;
  readonly #life: Life;
  readonly #lock = new SharedLock();
  /** The services of the store, as soon as they are known. */
  members: readonly ManagedService[] = [];
  /** What git has reported since the last repair. */
  readonly #reported = new Map<Damage["kind"], string>();
  #requestedAtMs = Number.NEGATIVE_INFINITY;
  #rebuiltAtMs = Number.NEGATIVE_INFINITY;
  /** An old store may still be there, also one from before the start. */
  #brokenIsKept = true;

  constructor(ports: RepairPorts, life: Life) {
    this.kept = ports.kept;
    this.#ports = ports;
    this.#life = life;
  }

  /** Gets the reports of git about every store; only those about this one count. */
  onDamage(place: GitPlace, { kind, why }: Damage): void {
    const mine = this.members.find(({ store, service }) =>
      "checkout" in place ? place.checkout === service.checkout : place.path === store.path,
    );
    if (mine === undefined || !isAbout(why, [mine.store.path, mine.service.checkout])) return;
    // A store that was never fetched is incomplete; the next poll goes on with it.
    if (kind === "store" && !this.#ports.files.isComplete(mine.store)) return;
    this.#reported.set(kind, why);
  }

  /** Works in the store; waits while it is being repaired. */
  work<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.shared(work);
  }

  /** Works while no git of ours is at work in the store, which may be gone afterwards. */
  async alone(work: () => Promise<void>): Promise<void> {
    await this.#ports.maintenance.stop();
    await this.#lock.exclusive(work);
    for (const { history } of this.members) history.reader.restart();
    this.#ports.kept.forget();
  }

  /** True when a repair is needed, and no poll was requested for it within the last minute. */
  get wantsPoll(): boolean {
    const nowMs = this.#life.clock.monotonicMs();
    if (!this.needed || nowMs - this.#requestedAtMs < lockOldMs) return false;
    this.#requestedAtMs = nowMs;
    return true;
  }

  /** The longest time until the next poll, in ms, whatever the interval. */
  get pollWithinMs(): number {
    return this.needed ? lockOldMs : Number.POSITIVE_INFINITY;
  }

  /** There is something to repair. */
  get needed(): boolean {
    return this.#reported.has("lock") || this.#reported.has("checkout") || this.#mayRebuild;
  }

  get #mayRebuild(): boolean {
    return (
      this.#reported.has("store") && this.#life.clock.monotonicMs() - this.#rebuiltAtMs >= rebuildAgainMs
    );
  }

  /**
   * Repairs what git has reported, then polls; polls once more if git reports damage during the poll and it can be
   * repaired. `repaired`: a repair has changed the store. @throws Problem
   */
  async withRepair<T>(poll: (repaired: boolean) => Promise<T>): Promise<T> {
    const repaired = await this.#repair();
    const before = JSON.stringify([...this.#reported]);
    const first = await this.work(() => poll(repaired)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (JSON.stringify([...this.#reported]) !== before && (await this.#repair()))
      return this.#pollAgain(poll);
    if ("error" in first) throw first.error;
    await this.#removeBroken();
    return first.value;
  }

  /** Damaged metadata of a worktree that no service has fails every git in the store: only a rebuild helps. */
  async #pollAgain<T>(poll: (repaired: boolean) => Promise<T>): Promise<T> {
    try {
      return await this.work(() => poll(true));
    } catch (error) {
      const unfit = this.#reported.get("checkout");
      if (unfit !== undefined && !this.#reported.has("store")) this.#reported.set("store", unfit);
      throw error;
    }
  }

  /** Answers whether it repaired anything. @throws Problem when a damaged store cannot be rebuilt */
  async #repair(): Promise<boolean> {
    const [managed] = this.members;
    if (managed === undefined || this.#life.stopping.aborted) return false;
    if (this.#isLost(managed.store)) this.#reported.set("store", "it is gone");
    const damage = this.#reported.get("store");
    if (this.#mayRebuild && damage !== undefined) {
      await this.#rebuildDamaged(managed.store, damage);
      return true;
    }
    const { files, checkouts } = this.#ports;
    const unfit = this.#reported.delete("checkout");
    if (!this.#reported.delete("lock") && !unfit) return false;
    // While no git of ours runs in the store, no lock is ours.
    await this.#lock.exclusive(async () => {
      await files.removeOldLocks(managed.store, { olderThanMs: lockOldMs, now: this.#life.clock.now() });
      if (unfit) await this.#forEachCheckout((each) => checkouts.observe(each));
    });
    return true;
  }

  /** A fetch alone would not bring the files that the checkouts have. */
  #isLost(store: Store): boolean {
    const { files, kept } = this.#ports;
    const hasFiles = ({ service }: ManagedService) => kept.isDeployedFrom(store, service.name);
    return !files.isComplete(store) && this.members.some(hasFiles);
  }

  async #rebuildDamaged(store: Store, why: string): Promise<void> {
    const { log } = this.#life;
    const what = `The store of ${JSON.stringify(store.upstream)} is damaged (${why})`;
    try {
      await this.#ports.maintenance.stop();
      await this.#rebuild(store);
    } catch (error) {
      const cause = toProblem(error, "git", log).message;
      throw new Problem("git", `${what}; it is rebuilt when upstream answers: ${cause}`, {
        cause: error,
        code: "store-damaged",
      });
    }
    log.warn(`${what}: rebuilt it; the services' files were not touched`);
  }

  async #rebuild(store: Store): Promise<void> {
    const { files, checkouts, kept } = this.#ports;
    const branches = [...new Set(this.members.map(({ service }) => service.branch))];
    const commits = this.members.flatMap(({ service }) => kept.neededBy(service.name));
    const alone = (swap: () => Promise<void>) =>
      this.#lock.exclusive(async () => {
        await swap();
        for (const { history } of this.members) history.reader.restart();
        await this.#forEachCheckout((managed) => checkouts.mend(managed, "its store was rebuilt"));
      });
    await files.rebuild(store, { branches, commits, signal: this.#life.stopping, alone });
    kept.forget();
    this.#rebuiltAtMs = this.#life.clock.monotonicMs();
    this.#brokenIsKept = true;
    this.#reported.clear();
  }

  /** The next reconcile retries what fails here. */
  async #forEachCheckout(work: (managed: ManagedService) => Promise<unknown>): Promise<void> {
    for (const managed of this.members) {
      this.#ports.checkouts.forget(managed.service.name);
      await work(managed).catch((error: unknown) => {
        this.#life.log.debug({ service: managed.service.name, err: error }, "not mended yet");
      });
    }
  }

  /**
   * Keeps the commits that were deployed, and starts maintenance of a sound store. For when no deployment is running: it
   * would wait for these processes. `deployed`: there may have been one since the last time.
   */
  async maintain({ deployed }: { readonly deployed: boolean }): Promise<void> {
    const [managed] = this.members;
    if (managed === undefined || this.needed || this.#life.stopping.aborted) return;
    if (!this.#ports.files.isComplete(managed.store)) return;
    // Before maintenance, which removes what no ref keeps.
    if (deployed) await this.work(() => this.#keepCommits(managed.store));
    this.#ports.maintenance.begin(managed.store, (store) => this.#rebuild(store));
  }

  /** The next time retries what fails here. */
  async #keepCommits(store: Store): Promise<void> {
    const services = this.members.map(({ service }) => service.name);
    await this.#ports.kept.keep(store, services).catch((error: unknown) => {
      this.#life.log.debug({ err: error }, `cannot keep the deployed commits of ${store.path}`);
    });
  }

  /** The old store of a rebuild is needed no longer when a poll has succeeded without a fault. */
  async #removeBroken(): Promise<void> {
    const [managed] = this.members;
    if (managed === undefined || this.needed || !this.#brokenIsKept) return;
    this.#brokenIsKept = false;
    await this.#ports.files.removeBroken(managed.store);
  }
}
