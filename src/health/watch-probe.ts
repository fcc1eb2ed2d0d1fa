/** Asks a probe again and again, until it is clear whether the service is well. */
import { endingWith } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { Answer } from "./answer.ts";
import { Unhealthy } from "./unhealthy.ts";

export interface Terms {
  readonly settleMs: number;
  readonly deadlineMs: number;
}

/** What the answers so far amount to; null: none has come. */
export type Tally = { readonly latest: Answer; readonly passed: boolean } | null;

/**
 * When the answers so far decide, in ms from the start. A good one counts at the end of the settling; a bad one at the
 * deadline, or later at the end of the settling where the probe has passed before.
 */
export function decidesAt({ latest, passed }: NonNullable<Tally>, { settleMs, deadlineMs }: Terms): number {
  if (latest.good) return settleMs;
  return passed ? Math.max(settleMs, deadlineMs) : deadlineMs;
}

export interface Watch extends Terms {
  /** As the reason begins. */
  readonly name: string;
  readonly intervalMs: number;
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
}

/** Comes back when all is well, and soon on abort. @throws Unhealthy */
export async function watchProbe(watch: Watch, clock: Clock, over: AbortSignal): Promise<void> {
  const startMs = clock.monotonicMs();
  const spentMs = () => clock.monotonicMs() - startMs;
  let tally: Tally = null;
  let nextMs = 0;
  while (!over.aborted) {
    const decisionMs: number = tally === null ? Number.POSITIVE_INFINITY : decidesAt(tally, watch);
    if (tally !== null && spentMs() >= decisionMs) return decide(watch.name, tally.latest);
    if (spentMs() >= nextMs) {
      nextMs = spentMs() + watch.intervalMs;
      tally = count(tally, await nextAnswer(tally, watch, spentMs, { clock, over }));
    } else await clock.sleep(Math.min(nextMs, decisionMs) - spentMs(), over);
  }
}

function decide(name: string, answer: Answer): void {
  if (!answer.good) throw new Unhealthy(`${name} ${answer.saw}`, answer.output);
}

function count(tally: Tally, answer: Answer | null): Tally {
  return answer === null ? tally : { latest: answer, passed: answer.good || tally?.passed === true };
}

/** The first answer is waited for; null: a later one has not come before the others decide. */
async function nextAnswer(
  tally: Tally,
  watch: Watch,
  spentMs: () => number,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<Answer | null> {
  using asking = endingWith(over);
  const answer = watch.ask(asking.signal);
  if (tally === null) return await answer;
  const decided = clock.sleep(decidesAt(tally, watch) - spentMs(), asking.signal);
  return await Promise.race([answer, decided.then(() => null)]);
}
