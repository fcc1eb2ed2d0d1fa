/** One answer for all callers that come at about the same time; its work runs once at a time. */
import type { Freshness } from "../model/state.ts";
import type { Clock } from "../platform/clock.ts";
import { createLimit } from "../platform/fair-semaphore.ts";

const keptForMs = 5_000;

export class SharedAnswer<T> {
  readonly #work: () => Promise<T>;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #oneByOne = createLimit(1);
  /** The one that is requested and has not begun. */
  #next: Promise<T> | null = null;
  /** The newest one that has begun. */
  #last: { readonly answer: Promise<T>; readonly staleAtMs: number } | null = null;

  constructor(work: () => Promise<T>, clock: Pick<Clock, "monotonicMs">) {
    this.#work = work;
    this.#clock = clock;
  }

  /** `now`: the work begins after the call; `lately`: it may have ended up to 5 s before. */
  get(fresh: Freshness): Promise<T> {
    if (fresh === "lately" && this.#last !== null && this.#clock.monotonicMs() < this.#last.staleAtMs)
      return this.#last.answer;
    this.#next ??= this.#oneByOne(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#next = null;
    const answer = this.#work();
    this.#last = { answer, staleAtMs: Number.POSITIVE_INFINITY };
    answer.then(
      () => {
        this.#last = { answer, staleAtMs: this.#clock.monotonicMs() + keptForMs };
      },
      () => {
        this.#last = null;
      },
    );
    return answer;
  }
}
