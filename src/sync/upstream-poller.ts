/** Polls one upstream: for its loop, and for previews, which deploy nothing. */

import type { FetchOptions } from "../git/fetch/fetch.ts";
import { askUpstream } from "../git/fetch/poll-upstream.ts";
import { Throttled } from "../git/fetch/throttled.ts";
import { readTips } from "../git/fetch/tip-refs.ts";
import { hasReader } from "../git/history/reader.ts";
import { hasLately } from "../git/history/trees.ts";
import type { StoreTools } from "../git/store/store.ts";
import type { Store, Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Freshness } from "../model/state.ts";
import { endingWith } from "../platform/abort.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import type { Life } from "../platform/life.ts";
import { ExecFailure } from "../platform/process/exec.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import type { KnownView, UpstreamView } from "../rollout/target.ts";

/** What a preview shows of an upstream. */
export interface PolledUpstream {
  readonly view: UpstreamView;
  /** Why the poll failed; empty: it did not, or none was needed. */
  readonly stale: string;
}

export interface PollerPorts extends Life {
  readonly storeTools: StoreTools;
}

type Work = <T>(work: () => Promise<T>) => Promise<T>;

const answerWithinMs = 5_000;
const noAnswer = `no answer in ${answerWithinMs / 1_000} s`;
const latelyMs = 10_000;
/** How long a busy upstream that gave no time is not polled, in ms. */
const throttledMs = 60_000;

export class UpstreamPoller {
  readonly #ports: PollerPorts;
  readonly #branches: readonly string[];
  readonly #unsigned: boolean;
  /** Two fetches into one store would be in each other's way. */
  readonly #oneByOne = createLimit(1);
  /** The newest tips; null: no poll has succeeded since the start. */
  #known: KnownView | null = null;
  /** Why there are no newer tips; empty: the last poll succeeded. */
  #stale = "";
  /** The answer of an upstream that was too busy for the last poll; null: it was not. */
  #throttled: Throttled | null = null;
  #polledAtMs = Number.NEGATIVE_INFINITY;
  /** A poll for previews that has not begun: it serves all requests until then. */
  #next: Promise<void> | null = null;

  constructor(services: readonly Pick<Service, "branch" | "verify">[], ports: PollerPorts) {
    this.#unsigned = services.some(({ verify }) => verify === null);
    this.#branches = [...new Set(services.map(({ branch }) => branch))];
    this.#ports = ports;
  }

  /** The newest tips, also while upstream is unreachable; null: no poll has succeeded since the start. */
  get known(): KnownView | null {
    return this.#known;
  }

  get throttled(): Throttled | null {
    return this.#throttled;
  }

  /** Runs polls one after another. */
  serially: Work = (work) => this.#oneByOne(work);

  /** Call it within `serially`. `repaired`: a repair has changed the store. @throws Problem when the poll fails */
  async poll(
    { store, history: { reader } }: ManagedService,
    options: Pick<FetchOptions, "signal" | "hurried">,
    repaired = false,
  ): Promise<Tips> {
    const { clock, storeTools, log } = this.#ports;
    const troubles = new Map<string, Problem>();
    const onTrouble = (branch: string, problem: Problem) => void troubles.set(branch, problem);
    // An interrupted fetch may have moved refs already, and git would not report them again. A store that is gone has none.
    const isSound = !repaired && this.#stale === "" && hasReader(store);
    const known = isSound ? (this.#known?.tips ?? null) : null;
    this.#polledAtMs = clock.monotonicMs();
    try {
      const wasThrottled = this.#throttled !== null;
      const all = { ...options, known, reader, onTrouble, wasThrottled, unsigned: this.#unsigned };
      const tips = await askUpstream(store, this.#branches, storeTools, all);
      this.#known = { is: "known", tips, troubles, at: clock.now() };
      this.#stale = "";
      this.#throttled = null;
      return tips;
    } catch (error) {
      this.#stale = options.signal.aborted ? noAnswer : reasonOf(toProblem(error, "git", log));
      this.#throttled = error instanceof Throttled ? error : null;
      throw error;
    }
  }

  /** Whether a branch of the store with this tip has the commit. */
  has(store: Store, tip: Commit, commit: Commit): Promise<boolean> {
    return hasLately(store, tip, commit, this.#ports.storeTools.git);
  }

  /** The current tips if upstream answers within seconds, else the last known. `work` takes the shared lock of the store. */
  async pollForPeople(managed: ManagedService, fresh: Freshness, work: Work): Promise<PolledUpstream> {
    const { clock, stopping } = this.#ports;
    if (clock.monotonicMs() - this.#polledAtMs < this.#restMs(fresh))
      return this.#shown(managed, this.#stale);
    this.#next ??= this.serially(() => {
      this.#next = null;
      return work(() => this.#pollBriefly(managed));
    });
    using late = endingWith(stopping);
    const isThere = await Promise.race([
      this.#next.then(() => true),
      clock.sleep(answerWithinMs, late.signal).then(() => false),
    ]);
    return this.#shown(managed, isThere ? this.#stale : noAnswer);
  }

  /** How long the answer of a poll serves previews, in ms. */
  #restMs(fresh: Freshness): number {
    if (this.#throttled !== null) return this.#throttled.forMs ?? throttledMs;
    return fresh === "now" ? 0 : latelyMs;
  }

  /** Never rejects: why it failed is in `#stale`. */
  async #pollBriefly(managed: ManagedService): Promise<void> {
    const signal = AbortSignal.any([this.#ports.stopping, AbortSignal.timeout(answerWithinMs)]);
    await this.poll(managed, { signal }).catch(() => {});
  }

  /** After a start without upstream the store still has what the last fetch brought. */
  async #shown({ store }: ManagedService, stale: string): Promise<PolledUpstream> {
    if (this.#known !== null) return { view: this.#known, stale };
    const tips = await readTips(store, this.#branches, this.#ports.storeTools.git).catch(() => new Map());
    return { view: tips.size > 0 ? { is: "known", tips } : { is: "unasked" }, stale };
  }
}

/** Without the URL, which is in the config. */
function reasonOf({ cause, message }: Problem): string {
  return cause instanceof ExecFailure ? cause.keyLine.replace(/^(?:fatal|error): /, "") : message;
}
