/** An upstream that has too much to do, and for how long it wants to be left alone. */

import { Problem } from "../../model/problem.ts";
import { renderDuration } from "../../model/text/duration.ts";
import type { ExecFailure } from "../../platform/process/exec.ts";

/** It answered 429 or 503 (RFC 6585, RFC 9110). */
export class Throttled extends Problem {
  /** Null: it did not say for how long, or was not asked. */
  readonly forMs: number | null;
  constructor(message: string, forMs: number | null, options: ErrorOptions) {
    const wish = forMs === null ? "" : `; it asks to be left alone for ${renderDuration(forMs)}`;
    super("git", `${message}${wish}`, { ...options, code: "upstream-unreachable" });
    this.name = "Throttled";
    this.forMs = forMs;
  }
}

/** Has git's stderr show the headers of what is received, and neither secrets nor data (git(1), GIT_TRACE_CURL). */
export const showHeaders = { GIT_TRACE_CURL: "1", GIT_TRACE_CURL_NO_DATA: "1", GIT_TRACE_REDACT: "1" };

export function isThrottled({ stderr }: ExecFailure): boolean {
  return /The requested URL returned error: (?:429|503)/.test(stderr);
}

const received = "<= Recv header: ";
/** Nobody is left alone for longer. */
const longestMs = 60 * 60_000;

/**
 * What the last `Retry-After` (RFC 9110, 10.2.3) in the headers says, in ms from now; null without one. A date is
 * compared with the server's own clock, where it tells that: ours may be days off.
 */
export function retryAfterMs(trace: string, now: Date): number | null {
  const value = lastHeader(trace, "retry-after");
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longestMs);
  if (!value.endsWith(" GMT")) return null;
  const serverNow = Date.parse(lastHeader(trace, "date") ?? "") || now.getTime();
  const ms = Date.parse(value) - serverNow;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), longestMs);
}

function lastHeader(trace: string, name: string): string | null {
  const wanted = `${received}${name}:`.toLowerCase();
  const line = trace.split("\n").findLast((text) => headerOf(text).toLowerCase().startsWith(wanted));
  return line === undefined ? null : headerOf(line).slice(wanted.length).trim();
}

/** From the mark on that git puts before what it received. */
function headerOf(line: string): string {
  const at = line.indexOf(received);
  return at < 0 ? "" : line.slice(at);
}
