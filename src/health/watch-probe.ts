/** Repeats a probe until it is clear whether the service is healthy. */
import { endingWith } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { Answer } from "./answer.ts";
import { Unhealthy } from "./unhealthy.ts";

/** A summary of the answers so far. */
interface Tally {
  /** Null: no answer yet. */
  readonly latest: Answer | null;
  readonly goodInARow: number;
  /** One answer was good. */
  readonly passed: boolean;
}

const noAnswers: Tally = { latest: null, goodInARow: 0, passed: false };
/** The first answer after a reload may still come from the old process. */
const goodNeeded = 2;

/**
 * When a bad answer decides, in ms from the start: at the deadline, or at the end of the stability window if that is
 * later and the probe has passed before. Infinity: the latest answer is not bad.
 */
function failsAt({ latest, passed }: Tally, { settleMs, deadlineMs }: Watch): number {
  if (latest === null || latest.good) return Number.POSITIVE_INFINITY;
  return passed ? Math.max(settleMs, deadlineMs) : deadlineMs;
}

/** One attempt is at the end of the stability window. */
function nextAfter(requestedMs: number, { settleMs, intervalMs }: Watch): number {
  return requestedMs < settleMs ? Math.min(requestedMs + intervalMs, settleMs) : requestedMs + intervalMs;
}

interface Watch {
  readonly settleMs: number;
  readonly deadlineMs: number;
  /** The start of the reason. */
  readonly name: string;
  readonly intervalMs: number;
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
}

/** Resolves when the probe has passed, and soon on abort. @throws Unhealthy */
export async function watchProbe(watch: Watch, clock: Clock, over: AbortSignal): Promise<void> {
  const startMs = clock.monotonicMs();
  const spentMs = () => clock.monotonicMs() - startMs;
  let tally = noAnswers;
  let nextMs = 0;
  while (!over.aborted) {
    const failsMs = failsAt(tally, watch);
    if (tally.latest?.good === false && spentMs() >= failsMs)
      throw new Unhealthy(`${watch.name} ${tally.latest.saw}`, { ...tally.latest, code: "probe-failed" });
    if (spentMs() < nextMs) {
      await clock.sleep(Math.min(nextMs, failsMs) - spentMs(), over);
      continue;
    }
    const requestedMs = spentMs();
    const answer = await nextAnswer(watch, failsMs - requestedMs, { clock, over });
    tally = answer === null ? tally : count(tally, answer);
    // Requested at the end of the stability window, or later.
    if (tally.goodInARow >= goodNeeded && requestedMs >= watch.settleMs) return;
    nextMs = nextAfter(requestedMs, watch);
  }
}

function count({ goodInARow, passed }: Tally, latest: Answer): Tally {
  return { latest, goodInARow: latest.good ? goodInARow + 1 : 0, passed: passed || latest.good };
}

/** Null: it does not come before the previous answer decides. */
async function nextAnswer(
  watch: Watch,
  withinMs: number,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<Answer | null> {
  using asking = endingWith(over);
  const answer = watch.ask(asking.signal);
  if (withinMs === Number.POSITIVE_INFINITY) return await answer;
  return await Promise.race([answer, clock.sleep(withinMs, asking.signal).then(() => null)]);
}
