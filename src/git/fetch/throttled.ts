/** An upstream that is too busy, and the pause that it requests. */
import { Problem } from "../../model/problem.ts";
import { renderDuration } from "../../model/text/duration.ts";
import type { ExecFailure } from "../../platform/process/exec.ts";

/** The upstream answered 429 or 503 (RFC 6585, RFC 9110). */
export class Throttled extends Problem {
  /** The requested pause in ms; null: unknown. */
  readonly forMs: number | null;
  constructor(message: string, forMs: number | null, options: ErrorOptions) {
    const request = forMs === null ? "" : `; it asks to be left alone for ${renderDuration(forMs)}`;
    super("git", `${message}${request}`, { ...options, code: "upstream-unreachable" });
    this.name = "Throttled";
    this.forMs = forMs;
  }
}

/** Makes git print received headers to stderr, without secrets and data (git(1), GIT_TRACE_CURL). */
export const showHeaders = { GIT_TRACE_CURL: "1", GIT_TRACE_CURL_NO_DATA: "1", GIT_TRACE_REDACT: "1" };

export function isThrottled({ stderr }: ExecFailure): boolean {
  return /The requested URL returned error: (?:429|503)/.test(stderr);
}

const received = "<= Recv header: ";
/** The longest pause that an upstream gets. */
const longestMs = 60 * 60_000;

/**
 * The last `Retry-After` (RFC 9110, 10.2.3) in the headers, in ms from now; null without one. A date is compared with
 * the server's own clock if the headers have it, because ours may be days off.
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

/** The trace starting at the marker that git prints before received data. */
function headerOf(line: string): string {
  const at = line.indexOf(received);
  return at < 0 ? "" : line.slice(at);
}
