/** What the kills of a campaign have hit, and when the next ones have to come. */

export interface Tally {
  readonly seed: number;
  readonly victim: "main" | "tree";
  /** From the start, and from the push, until all is right, in ms; later kills correct what was measured first. */
  readonly spanMs: { start: number; deploy: number };
  kills: number;
  /** Kills that came before all was right. */
  beforeDone: number;
  /** Kills that left a deployment that was begun and not ended. */
  cutOff: number;
  /** Kills during a start, which is a recovery of the kill before. */
  duringStart: number;
  /** Patches of "local edits" that are none: leftovers of a kill that were taken for them. */
  patches: number;
}

export interface Kill {
  readonly during: keyof Tally["spanMs"];
  readonly beforeDone: boolean;
  readonly cutOff: boolean;
  /** What the daemon had logged. */
  readonly output: string;
}

export function createTally(seed: number, victim: Tally["victim"]): Tally {
  const none = { kills: 0, beforeDone: 0, cutOff: 0, duringStart: 0, patches: 0 };
  return { seed, victim, spanMs: { start: 0, deploy: 0 }, ...none };
}

/** Counts a kill, and brings the span nearer to where four of five kills come before all is right. */
export function countKill(tally: Tally, { during, beforeDone, cutOff, output }: Kill): void {
  tally.kills += 1;
  tally.beforeDone += Number(beforeDone);
  tally.cutOff += Number(cutOff);
  tally.duringStart += Number(during === "start");
  tally.patches += output.split("saved local edits").length - 1;
  tally.spanMs[during] = Math.round(tally.spanMs[during] * (beforeDone ? 1.1 : 0.7));
}
