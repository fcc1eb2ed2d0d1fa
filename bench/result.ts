/** The result of a measure: rows of samples, with and without something to compare them with. */

/** The most that is wanted: times what plain git takes, or in the row's own unit. */
export type Target = { readonly timesPlain: number } | { readonly most: number };

export interface Row {
  /** What was measured, with its unit: `cold start of 50, s`. */
  readonly what: string;
  readonly gitopper: readonly number[];
  /** Empty: plain git has nothing like it. */
  readonly plain: readonly number[];
  readonly target: Target | null;
  /** A point of a curve of the chart, at this number of services. */
  readonly point?: Point;
}

export interface Point {
  /** The curve's name, with its unit: `cold start, s`. */
  readonly curve: string;
  readonly services: number;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface SummedRow {
  readonly what: string;
  readonly gitopper: Summary;
  readonly plain: Summary | null;
  /** Median by median. */
  readonly ratio: number | null;
  readonly target: Target | null;
  readonly reached: boolean | null;
  readonly point?: Point;
  readonly samples: Pick<Row, "gitopper" | "plain">;
}

export function sumUp(row: Row): SummedRow {
  const { what, target, plain, point } = row;
  const ours = summaryOf(row.gitopper);
  const theirs = plain.length === 0 ? null : summaryOf(plain);
  const ratio = theirs === null ? null : ours.median / theirs.median;
  return {
    what,
    gitopper: ours,
    plain: theirs,
    ratio,
    target,
    reached: isReached(target, ours.median, ratio),
    ...(point && { point }),
    samples: { gitopper: row.gitopper, plain },
  };
}

function isReached(target: Target | null, median: number, ratio: number | null): boolean | null {
  if (target === null) return null;
  return "most" in target ? median <= target.most : ratio !== null && ratio <= target.timesPlain;
}

/** @throws Error without samples */
export function summaryOf(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined)
    throw new Error("No samples");
  return { median: (low + high) / 2, min, max };
}
