/** Reads what `gitopper --trace` has written, whether the daemon has ended or not. */

export interface TracedSpan {
  readonly name: string;
  /** The row's name: that of a service, of an upstream, `requests` or `daemon`. */
  readonly track: string;
  readonly isProcess: boolean;
  /** How many spans of its row lie around it. */
  readonly depth: number;
  readonly fromMs: number;
  /** Infinity while it is under way. */
  toMs: number;
}

interface TraceEvent {
  readonly ph: "B" | "E" | "i" | "M";
  readonly ts: number;
  readonly tid: number;
  readonly name?: string;
  readonly args?: { readonly name?: string; readonly argv?: readonly string[] };
}

export function parseTrace(text: string): TraceEvent[] {
  const whole = text.trimEnd();
  return JSON.parse(whole.endsWith("\n]") ? whole : `${whole}\n]`) as TraceEvent[];
}

/** In the order of their begin. */
export function spansOf(events: readonly TraceEvent[]): TracedSpan[] {
  const names = new Map<number, string>();
  const open = new Map<number, TracedSpan[]>();
  const spans: TracedSpan[] = [];
  for (const { ph, ts, tid, name = "", args } of events) {
    const stack = open.get(tid) ?? [];
    open.set(tid, stack);
    if (ph === "M" && name === "thread_name") names.set(tid, (args?.name ?? "").replace(/ \(beside\)$/, ""));
    if (ph === "B") {
      const isProcess = args?.argv !== undefined;
      const at = { fromMs: ts / 1_000, toMs: Number.POSITIVE_INFINITY };
      const span = { name, track: names.get(tid) ?? "", isProcess, depth: stack.length, ...at };
      stack.push(span);
      spans.push(span);
    }
    const ended = ph === "E" ? stack.pop() : undefined;
    if (ended) ended.toMs = ts / 1_000;
  }
  return spans;
}
