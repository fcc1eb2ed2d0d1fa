/** Polls one upstream: for its loop, and for previews, which deploy nothing. */

import type { FetchOptions } from "../git/fetch/fetch.ts";
import { askUpstream } from "../git/fetch/poll-upstream.ts";
import { Throttled } from "../git/fetch/throttled.ts";
import { readTips } from "../git/fetch/tip-refs.ts";
import type { Tips } from "../git/types.ts";
import type { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Freshness } from "../model/state.ts";
import { endingWith } from "../platform/abort.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { ExecFailure } from "../platform/process/exec.ts";
import type { Context } from "../reconcile/context.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import type { KnownView, UpstreamView } from "../rollout/target.ts";

/** What people are shown of an upstream. */
export interface PolledUpstream {
  readonly view: UpstreamView;
  /** Why the poll failed; empty: it did not, or none was needed. */
  readonly stale: string;
}

type Work = <T>(work: () => Promise<T>) => Promise<T>;

const answerWithinMs = 5_000;
const noAnswer = `no answer in ${answerWithinMs / 1_000} s`;
const latelyMs = 10_000;
/** Of an upstream that was too busy and did not say for how long. */
const leaveAloneMs = 60_000;

export class UpstreamPoller {
  readonly #context: Context;
  readonly #branches: readonly string[];
  /** Two fetches into one store would be in each other's way. */
  readonly #oneByOne = createLimit(1);
  /** The newest tips; null: no poll has succeeded since the start. */
  #known: KnownView | null = null;
  /** Why there are no newer tips; empty: the last poll succeeded. */
  #stale = "";
  /** The last poll found upstream too busy; null: it did not. */
  #throttled: Throttled | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** A poll for previews that has not begun: it serves all requests until then. */
  #next: Promise<void> | null = null;

  constructor(services: readonly Pick<Service, "branch">[], context: Context) {
    this.#branches = [...new Set(services.map(({ branch }) => branch))];
    this.#context = context;
  }

  /** The newest tips, also while upstream is unreachable; null: no poll has succeeded since the start. */
  get known(): KnownView | null {
    return this.#known;
  }

  get throttled(): Throttled | null {
    return this.#throttled;
  }

  /** Runs polls one after another. */
  inTurn: Work = (work) => this.#oneByOne(work);

  /** Call it within `inTurn`. `anew`: the store was changed by a repair. @throws Problem when the poll fails */
  async poll(
    { store, history: { reader } }: ManagedService,
    asked: Pick<FetchOptions, "signal" | "hurried">,
    anew = false,
  ): Promise<Tips> {
    const { clock, storeTools, log } = this.#context;
    const troubles = new Map<string, Problem>();
    const onTrouble = (branch: string, problem: Problem) => void troubles.set(branch, problem);
    // An interrupted fetch may have moved refs already, and git would not report them again.
    const known = anew || this.#stale !== "" ? null : (this.#known?.tips ?? null);
    this.#askedAtMs = clock.monotonicMs();
    try {
      const all = { ...asked, known, reader, onTrouble, wasThrottled: this.#throttled !== null };
      const tips = await askUpstream(store, this.#branches, storeTools, all);
      this.#known = { is: "known", tips, troubles, at: clock.now() };
      this.#stale = "";
      this.#throttled = null;
      return tips;
    } catch (error) {
      this.#stale = asked.signal.aborted ? noAnswer : reasonOf(toProblem(error, "git", log));
      this.#throttled = error instanceof Throttled ? error : null;
      throw error;
    }
  }

  /** The current tips if upstream answers within seconds, else the last known. `work` takes the shared lock of the store. */
  async pollForPeople(managed: ManagedService, fresh: Freshness, work: Work): Promise<PolledUpstream> {
    const { clock, stopping } = this.#context;
    if (clock.monotonicMs() - this.#askedAtMs < this.#restMs(fresh)) return this.#seen(managed, this.#stale);
    this.#next ??= this.inTurn(() => {
      this.#next = null;
      return work(() => this.#askBriefly(managed));
    });
    using late = endingWith(stopping);
    const isThere = await Promise.race([
      this.#next.then(() => true),
      clock.sleep(answerWithinMs, late.signal).then(() => false),
    ]);
    return this.#seen(managed, isThere ? this.#stale : noAnswer);
  }

  /** How long the answer of a poll serves previews, in ms. */
  #restMs(fresh: Freshness): number {
    if (this.#throttled !== null) return this.#throttled.forMs ?? leaveAloneMs;
    return fresh === "now" ? 0 : latelyMs;
  }

  /** Never rejects: what was in the way is remembered. */
  async #askBriefly(managed: ManagedService): Promise<void> {
    const signal = AbortSignal.any([this.#context.stopping, AbortSignal.timeout(answerWithinMs)]);
    await this.poll(managed, { signal }).catch(() => {});
  }

  /** After a start without upstream the store still has what the last fetch brought. */
  async #seen({ store }: ManagedService, stale: string): Promise<PolledUpstream> {
    if (this.#known !== null) return { view: this.#known, stale };
    const tips = await readTips(store, this.#branches, this.#context.git).catch(() => new Map());
    return { view: tips.size > 0 ? { is: "known", tips } : { is: "unasked" }, stale };
  }
}

/** Without the URL, which is in the config. */
function reasonOf({ cause, message }: Problem): string {
  return cause instanceof ExecFailure ? cause.keyLine.replace(/^(?:fatal|error): /, "") : message;
}
