/** Asks one upstream what its branches are at: for its loop, and for people, to whom it shows that and deploys nothing. */

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
  /** Why upstream could not be asked now; empty: it was, or there was no need to. */
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
  /** The newest that upstream has told; null: nothing since the start. */
  #known: KnownView | null = null;
  /** Why upstream has told nothing newer; empty: it has. */
  #stale = "";
  /** It was too busy when it was asked last; null: it was not. */
  #throttled: Throttled | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** A look for people that has not begun: it serves all who ask until then. */
  #next: Promise<void> | null = null;

  constructor(services: readonly Pick<Service, "branch">[], context: Context) {
    this.#branches = [...new Set(services.map(({ branch }) => branch))];
    this.#context = context;
  }

  /** The newest that upstream has told, also while it cannot be reached; null: nothing since the start. */
  get known(): KnownView | null {
    return this.#known;
  }

  get throttled(): Throttled | null {
    return this.#throttled;
  }

  /** Runs what asks upstream when nothing else does. */
  inTurn: Work = (work) => this.#oneByOne(work);

  /** Within `inTurn`. `anew`: the store is not as it was left. @throws Problem when upstream cannot be asked */
  async poll(
    { store, history: { reader } }: ManagedService,
    asked: Pick<FetchOptions, "signal" | "hurried">,
    anew = false,
  ): Promise<Tips> {
    const { clock, storeTools, log } = this.#context;
    const troubles = new Map<string, Problem>();
    const onTrouble = (branch: string, problem: Problem) => void troubles.set(branch, problem);
    // What was cut off may have moved refs already, so that git tells no news of them.
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

  /** What upstream has now, where it answers within seconds; else what was known before. `work`: as a turn works. */
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

  /** For how long after a look there is no other one for people. */
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
