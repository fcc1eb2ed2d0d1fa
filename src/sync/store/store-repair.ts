/** Repairs the store of one upstream and user: removes stale locks, and rebuilds it when it is damaged. */

import type { GitPlace } from "../../git/git.ts";
import { hasReader } from "../../git/history/reader.ts";
import { type Damage, isAbout } from "../../git/store/damage.ts";
import { rebuildStore } from "../../git/store/rebuild-store.ts";
import { removeBroken, removeOldLocks } from "../../git/store/store.ts";
import type { Store } from "../../git/types.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import { holdOf } from "../../model/state.ts";
import type { Context } from "../../reconcile/context.ts";
import type { ManagedService } from "../../reconcile/managed-service.ts";
import { mendCheckout, observeMended } from "../../reconcile/observe/repair-checkout.ts";
import { toProblem } from "../../reconcile/to-problem.ts";
import type { KeptCommits } from "./kept-commits.ts";
import { SharedLock } from "./shared-lock.ts";
import { StoreMaintenance } from "./store-maintenance.ts";

/** A lock that is younger may be an administrator's git. */
const lockOldMs = 60_000;
/** Damage that comes back at once is not to be cured by fetching everything again and again. */
const renewAgainMs = 10 * 60_000;

export class StoreRepair {
  readonly #context: Context;
  readonly #kept: KeptCommits;
  /** What upstream said last: the same object while there is no news. */
  #answer: unknown = null;
  readonly #lock = new SharedLock();
  /** Those of the store, as soon as they are known. */
  members: readonly ManagedService[] = [];
  /** What git has said since it was last seen to. */
  #locked: string | null = null;
  #unfit: string | null = null;
  #damaged: string | null = null;
  #wokeAtMs = Number.NEGATIVE_INFINITY;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  /** An old store may still be there, of before the start too. */
  #brokenIsKept = true;
  readonly #maintenance: StoreMaintenance;

  constructor(context: Context, kept: KeptCommits) {
    this.#context = context;
    this.#kept = kept;
    this.#maintenance = new StoreMaintenance((store) => this.#renew(store), context);
  }

  /** Hears of what git says in any store; only what is about this one counts. */
  onDamage(place: GitPlace, { kind, why }: Damage): void {
    const mine = this.members.find(({ store, service }) =>
      "store" in place ? place.store === store.path : place.checkout === service.checkout,
    );
    if (mine === undefined || !isAbout(why, [mine.store.path, mine.service.checkout])) return;
    if (kind === "lock") this.#locked = why;
    else if (kind === "checkout") this.#unfit = why;
    // A store that was never fetched is incomplete; the next poll goes on with it.
    else if (hasReader(mine.store)) this.#damaged = why;
  }

  /** Work of ours in the store: it waits while the store is seen to. */
  work<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.shared(work);
  }

  /** True when a repair is needed, and no poll was requested for it within the last minute. */
  get wantsLook(): boolean {
    const nowMs = this.#context.clock.monotonicMs();
    if (!this.needed || nowMs - this.#wokeAtMs < lockOldMs) return false;
    this.#wokeAtMs = nowMs;
    return true;
  }

  /** The longest time until the next poll, in ms, whatever the interval. */
  get lookWithinMs(): number {
    return this.needed ? lockOldMs : Number.POSITIVE_INFINITY;
  }

  /** There is something to see to. */
  get needed(): boolean {
    return this.#locked !== null || this.#unfit !== null || this.#mayRenew;
  }

  get #mayRenew(): boolean {
    return this.#damaged !== null && this.#context.clock.monotonicMs() - this.#renewedAtMs >= renewAgainMs;
  }

  /**
   * Asks upstream, in a store that has been put in order before, where something was heard; and once again where
   * git complains now. `anew`: the store was changed by a repair. @throws Problem
   */
  async asking<T>(ask: (anew: boolean) => Promise<T>): Promise<T> {
    const anew = await this.#mend();
    const before = this.#heard;
    const first = await this.work(() => ask(anew)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (this.#heard !== before && (await this.#mend())) return this.#askAgain(ask);
    if ("error" in first) throw first.error;
    await this.#goOn(first.value);
    return first.value;
  }

  /** Damaged metadata of a worktree that no service has fails every git in the store: only a rebuild helps. */
  async #askAgain<T>(ask: (anew: boolean) => Promise<T>): Promise<T> {
    try {
      return await this.work(() => ask(true));
    } catch (error) {
      this.#damaged ??= this.#unfit;
      throw error;
    }
  }

  get #heard(): string {
    return JSON.stringify([this.#locked, this.#unfit, this.#damaged]);
  }

  /** Answers whether it repaired anything. @throws Problem when a damaged store cannot be rebuilt */
  async #mend(): Promise<boolean> {
    const [managed] = this.members;
    if (managed === undefined || this.#context.stopping.aborted) return false;
    if (this.#mayRenew && this.#damaged !== null) {
      await this.#renewDamaged(managed.store, this.#damaged);
      return true;
    }
    if (this.#locked === null && this.#unfit === null) return false;
    const { exec, clock } = this.#context;
    const unfit = this.#unfit !== null;
    this.#locked = null;
    this.#unfit = null;
    // While no git of ours runs in the store, no lock is ours.
    await this.#lock.exclusive(async () => {
      await removeOldLocks(managed.store, exec, { olderThanMs: lockOldMs, now: clock.now() });
      if (unfit) for (const each of this.members) await this.#lookAnew(each, observeMended);
    });
    return true;
  }

  async #renewDamaged(store: Store, why: string): Promise<void> {
    const { log } = this.#context;
    const what = `The store of ${JSON.stringify(store.upstream)} is damaged (${why})`;
    try {
      await this.#maintenance.stop();
      await this.#renew(store);
    } catch (error) {
      const cause = toProblem(error, "git", log).message;
      throw new Problem("git", `${what}; it is rebuilt when upstream answers: ${cause}`, {
        cause: error,
        code: "store-damaged",
      });
    }
    log.warn(`${what}: rebuilt it; the services' files were not touched`);
  }

  async #renew(store: Store): Promise<void> {
    const { storeTools, stopping: signal, clock } = this.#context;
    const branches = [...new Set(this.members.map(({ service }) => service.branch))];
    const commits = this.members.flatMap((managed) => this.#commitsOf(managed));
    const alone = (swap: () => Promise<void>) =>
      this.#lock.exclusive(async () => {
        await swap();
        for (const { history } of this.members) history.reader.restart();
        const reconnect = (managed: ManagedService) =>
          mendCheckout(managed, "its store was rebuilt", this.#context);
        for (const managed of this.members) await this.#lookAnew(managed, reconnect);
      });
    await rebuildStore(store, { branches, commits, signal, alone }, storeTools);
    this.#kept.forget();
    this.#renewedAtMs = clock.monotonicMs();
    this.#brokenIsKept = true;
    this.#locked = null;
    this.#unfit = null;
    this.#damaged = null;
  }

  #commitsOf({ service: { name } }: ManagedService): Commit[] {
    const { records } = this.#context;
    const { commit, head, state } = records.get(name);
    const kept = this.#kept.of(name, this.#context);
    const all = [commit, head, holdOf(state)?.commit, records.last(name)?.to, ...kept];
    return all.filter((id) => id !== null && id !== undefined);
  }

  /** The next reconcile retries what fails here. */
  async #lookAnew(
    managed: ManagedService,
    work: (managed: ManagedService, context: Context) => Promise<unknown>,
  ): Promise<void> {
    managed.seen = null;
    try {
      await work(managed, this.#context);
    } catch (error) {
      this.#context.log.debug({ service: managed.service.name, err: error }, "not mended yet");
    }
  }

  /** Polls and reconciles go on if that fails; the next poll retries it. */
  async #keepCommits(store: Store): Promise<void> {
    const services = this.members.map(({ service }) => service.name);
    await this.#kept.keep(store, services, this.#context).catch((error: unknown) => {
      this.#context.log.debug({ err: error }, `cannot keep the deployed commits of ${store.path}`);
    });
  }

  /** All went well: there is time for less pressing things. */
  async #goOn(answer: unknown): Promise<void> {
    const [managed] = this.members;
    if (managed === undefined || this.needed) return;
    // A branch can only have been rewritten where there is news; deployments do not wait for it.
    if (answer !== this.#answer) void this.work(() => this.#keepCommits(managed.store));
    this.#answer = answer;
    this.#maintenance.begin(managed.store);
    if (!this.#brokenIsKept) return;
    this.#brokenIsKept = false;
    await removeBroken(managed.store, this.#context.exec);
  }
}
