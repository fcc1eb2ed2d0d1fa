/** Describes the progress of a verification: `healthy 4/10 s`, or what is not healthy yet. */
import type { Clock } from "../platform/clock.ts";
import type { Answer } from "./answer.ts";
import type { HealthPorts } from "./ports.ts";

const reportEveryMs = 1_000;

/** Reports each second until `over`, and at once when the function that it returns gets a probe's answer. */
export function reportProgress(
  settleMs: number,
  { clock, onProgress }: Pick<HealthPorts, "clock" | "onProgress">,
  over: AbortSignal,
): (name: string, answer: Answer) => void {
  const startMs = clock.monotonicMs();
  const bad = new Map<string, string>();
  const report = () => {
    const [first] = bad.values();
    onProgress(renderHealth(first, clock.monotonicMs() - startMs, settleMs));
  };
  void repeat(report, clock, over);
  return (name, answer) => {
    if (answer.good) bad.delete(name);
    else bad.set(name, `${name} ${answer.saw}`);
    report();
  };
}

async function repeat(report: () => void, clock: Clock, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    report();
    await clock.sleep(reportEveryMs, over);
  }
}

/** `bad`: the last answer of the first failing probe. */
function renderHealth(bad: string | undefined, spentMs: number, settleMs: number): string {
  const spent = Math.floor(spentMs / 1_000);
  if (bad !== undefined) return `not healthy after ${spent} s: ${bad}`;
  const settle = Math.ceil(settleMs / 1_000);
  return `healthy ${Math.min(spent, settle)}/${settle} s`;
}
