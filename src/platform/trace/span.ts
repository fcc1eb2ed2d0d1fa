/**
 * What the daemon is busy with, for `trace.ts`. Through diagnostics channels, as node tells of its own work: while
 * nobody listens, the work is called and nothing else happens.
 */
import { channel, tracingChannel } from "node:diagnostics_channel";

export interface Span {
  readonly name: string;
  /** The row that it is shown in; absent: that of the span around it. */
  readonly track?: string;
  /** Told with it; has to fit into JSON. */
  readonly about?: object;
}

/** A child process that has just been started. */
export interface ProcessSpan {
  /** Without setpriv(1). */
  readonly argv: readonly string[];
  /** Absent: it could not be started. */
  readonly pid: number | undefined;
  /** It answers questions, and mostly waits for the next one. */
  readonly inDialog?: boolean;
}

export const spans = tracingChannel<Span, unknown>("gitopper:span");
export const processes = tracingChannel<ProcessSpan>("gitopper:process");
export const marks = channel("gitopper:mark");

/** `work` is one span; spans that begin within lie in it. */
export function during<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return spans.hasSubscribers ? spans.tracePromise(work, span) : work();
}

/** The same for work that waits for nothing. */
export function duringSync<T>(span: Span, work: () => T): T {
  return spans.hasSubscribers ? spans.traceSync(work, span) : work();
}

export interface ProcessEnd {
  readonly status: number | null;
  readonly why: string | null;
}

/** `watch` resolves when the process has ended. */
export function whileItRuns<T extends ProcessEnd>(process: ProcessSpan, watch: () => Promise<T>): Promise<T> {
  return processes.hasSubscribers ? processes.tracePromise(watch, process) : watch();
}

/** Something happened in this moment. */
export function mark(span: Span): void {
  if (marks.hasSubscribers) marks.publish(span);
}
