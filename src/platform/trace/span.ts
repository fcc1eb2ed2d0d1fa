/**
 * Reports what the daemon is doing to `trace.ts`, through diagnostics channels as node itself does. Without a listener
 * only the work itself is done.
 */
import { channel, tracingChannel } from "node:diagnostics_channel";

export interface Span {
  readonly name: string;
  /** The row that shows the span; absent: that of the surrounding span. */
  readonly track?: string;
  /** Details in the trace; have to be JSON. */
  readonly about?: object;
}

/** A child process that was just started. */
export interface ProcessSpan {
  /** The argv without setpriv(1). */
  readonly argv: readonly string[];
  /** Absent: it could not be started. */
  readonly pid: number | undefined;
  /** True: it answers questions, and mostly waits for the next one. */
  readonly inDialog?: boolean;
}

export const spans = tracingChannel<Span, unknown>("gitopper:span");
export const processes = tracingChannel<ProcessSpan>("gitopper:process");
export const marks = channel("gitopper:mark");

/** Runs `work` as one span; spans that begin inside are nested. */
export function during<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return spans.hasSubscribers ? spans.tracePromise(work, span) : work();
}

/** The same for synchronous work. */
export function duringSync<T>(span: Span, work: () => T): T {
  return spans.hasSubscribers ? spans.traceSync(work, span) : work();
}

export interface ProcessEnd {
  readonly status: number | null;
  /** Null: the program ended by itself. */
  readonly why: string | null;
}

/** `watch` resolves when the process has ended. */
export function whileItRuns<T extends ProcessEnd>(process: ProcessSpan, watch: () => Promise<T>): Promise<T> {
  return processes.hasSubscribers ? processes.tracePromise(watch, process) : watch();
}

/** Records an event without duration. */
export function mark(span: Span): void {
  if (marks.hasSubscribers) marks.publish(span);
}
