/** Describes the progress of a verification: `healthy 4/10 s`, or what is not healthy yet. */
import type { Clock } from "../platform/clock.ts";
import type { Answer } from "./answer.ts";
import type { HealthPorts } from "./ports.ts";

type HealthProgress = ReturnType<typeof createHealthProgress>;

export function createHealthProgress(
  settleMs: number,
  { clock, onProgress: onReport }: Pick<HealthPorts, "clock" | "onProgress">,
) {
  const startMs = clock.monotonicMs();
  const bad = new Map<string, string>();
  const report = () =>
    onReport(renderHealth([...bad.values()], { spentMs: clock.monotonicMs() - startMs, settleMs }));
  return {
    /** A probe has answered. */
    answered(name: string, answer: Answer): void {
      if (answer.good) bad.delete(name);
      else bad.set(name, `${name} ${answer.saw}`);
      report();
    },
    /** Reports the progress now. */
    report,
  };
}

const reportEveryMs = 1_000;

/** Until aborted. */
export async function reportEachSecond(
  progress: HealthProgress,
  clock: Clock,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    progress.report();
    await clock.sleep(reportEveryMs, over);
  }
}

/** `bad`: the last answer of each failing probe. Pure. */
export function renderHealth(
  bad: readonly string[],
  { spentMs, settleMs }: { readonly spentMs: number; readonly settleMs: number },
): string {
  const [first] = bad;
  const spent = Math.floor(spentMs / 1_000);
  if (first !== undefined) return `not healthy after ${spent} s: ${first}`;
  const settle = Math.ceil(settleMs / 1_000);
  return `healthy ${Math.min(spent, settle)}/${settle} s`;
}
