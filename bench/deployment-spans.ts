/** Where the time between a webhook and the end of its reload goes, from a trace. */
import { summaryOf } from "./result.ts";
import type { TracedSpan } from "./trace.ts";

/** One deployment: what began after its webhook and before the next one. */
export interface Deployment {
  readonly fromMs: number;
  /** When systemd had reloaded the unit. */
  readonly toMs: number;
  readonly spans: readonly TracedSpan[];
}

/** Those that ended in a reload. */
export function deploymentsOf(spans: readonly TracedSpan[]): Deployment[] {
  const starts = spans.filter(({ name }) => name.startsWith("POST /webhook/"));
  return starts.flatMap(({ fromMs }, index) => {
    const nextMs = starts[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    const its = spans.filter((span) => span.fromMs >= fromMs && span.fromMs < nextMs);
    const reload = its.find(({ name }) => name === "systemctl reload");
    return reload && Number.isFinite(reload.toMs) ? [{ fromMs, toMs: reload.toMs, spans: its }] : [];
  });
}

/** All gits, those after the reload too. */
export function countGits({ spans }: Deployment): number {
  return spans.filter(isGit).length;
}

/** For how long, until the reload's end, neither a git nor a systemctl was running, in ms. */
export function ownMs({ fromMs, toMs, spans }: Deployment): number {
  return uncoveredMs({ fromMs, toMs }, spans.filter(isForeign));
}

const isGit = ({ name, isProcess }: TracedSpan): boolean => isProcess && name.startsWith("git ");
/** A git that waits for questions covers nothing: the time of its answers counts as ours. */
const isForeign = (span: TracedSpan): boolean =>
  (isGit(span) && !span.inDialog) || (span.isProcess && span.name.startsWith("systemctl "));

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How much of a time no interval covers. The intervals are in the order of their begin. */
function uncoveredMs({ fromMs, toMs }: Interval, intervals: readonly Interval[]): number {
  let uncovered = 0;
  let untilMs = fromMs;
  for (const each of intervals) {
    uncovered += Math.max(0, Math.min(each.fromMs, toMs) - untilMs);
    untilMs = Math.max(untilMs, Math.min(each.toMs, toMs));
  }
  return uncovered + Math.max(0, toMs - untilMs);
}

/** Medians, in ms, of a span that deployments have in common. */
export interface SpanRow {
  readonly name: string;
  readonly track: "request" | "upstream" | "service" | "daemon";
  readonly isProcess: boolean;
  readonly depth: number;
  /** Since the webhook. */
  readonly fromMs: number;
  readonly takesMs: number;
  /** How much of it neither a git nor a systemctl was running. */
  readonly ownMs: number;
}

/** The spans that begin before the reload has ended, in most of the deployments. */
export function spanRows(deployments: readonly Deployment[]): SpanRow[] {
  const seen = deployments.flatMap(rowsOf);
  const groups = [...Map.groupBy(seen, ({ key }) => key).values()];
  return groups
    .filter((group) => group.length * 2 > deployments.length)
    .flatMap((group) => {
      const [first] = group;
      const median = (of: (row: SpanRow) => number) => summaryOf(group.map(({ row }) => of(row))).median;
      const medians = {
        fromMs: median((row) => row.fromMs),
        takesMs: median((row) => row.takesMs),
        ownMs: median((row) => row.ownMs),
      };
      return first ? [{ ...first.row, ...medians }] : [];
    })
    .sort((a, b) => a.fromMs - b.fromMs || a.depth - b.depth);
}

interface KeyedRow {
  /** The third observation of a reconcile is compared with the third one of others. */
  readonly key: string;
  readonly row: SpanRow;
}

function rowsOf({ fromMs, toMs, spans }: Deployment): KeyedRow[] {
  const times = new Map<string, number>();
  const foreign = spans.filter(isForeign);
  return spans
    .filter((span) => span.fromMs < toMs && span.name !== "spawn")
    .map(({ name, track, isProcess, depth, ...span }) => {
      const place = `${kindOf(track)} ${depth} ${name}`;
      const time = (times.get(place) ?? 0) + 1;
      times.set(place, time);
      const clipped = { fromMs: span.fromMs, toMs: Math.min(span.toMs, toMs) };
      const row = {
        name,
        track: kindOf(track),
        isProcess,
        depth,
        fromMs: span.fromMs - fromMs,
        takesMs: clipped.toMs - clipped.fromMs,
        ownMs: uncoveredMs(
          clipped,
          foreign.filter((each) => each.toMs > clipped.fromMs),
        ),
      };
      return { key: `${place} ${time}`, row };
    });
}

function kindOf(track: string): SpanRow["track"] {
  if (track === "requests") return "request";
  if (track === "daemon") return "daemon";
  return track.includes("://") ? "upstream" : "service";
}

/** How much of the own time went by while processes were started, in ms: a call of spawn comes back when they run. */
export function spawningMs({ toMs, spans }: Deployment): number {
  const foreign = spans.filter(isForeign);
  return spans
    .filter(({ name, fromMs }) => name === "spawn" && fromMs < toMs)
    .reduce((sum, spawn) => sum + uncoveredMs(spawn, foreign), 0);
}
