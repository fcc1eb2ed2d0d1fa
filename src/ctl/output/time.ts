/** Renders and parses instants and durations for people. */
import { parseDuration } from "../../model/text/duration.ts";
import type { Display } from "../cli/definition.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** `3 min ago`, `in 4 h`, or the instant itself; empty for none. */
export function renderWhen(instant: string | null, { now, absolute }: Display): string {
  if (instant === null) return "";
  if (absolute) return renderInstant(instant);
  const ms = Date.parse(instant) - now.getTime();
  if (Math.abs(ms) < secondMs) return "now";
  return ms < 0 ? `${renderSpan(-ms)} ago` : `in ${renderSpan(ms)}`;
}

/** `which opens in 4 h`, of a window; null: not within a year. */
export function renderOpening(instant: string | null, display: Display): string {
  return instant === null ? "and none opens within a year" : `which opens ${renderWhen(instant, display)}`;
}

/** `2026-03-05 14:02:11 UTC`. */
export function renderInstant(instant: string): string {
  return instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");
}

/** In its largest unit: `12 s`, `3 min`, `4 h`, `20 d`, `2 y`. */
export function renderSpan(ms: number): string {
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)} h`;
  if (ms < 2 * yearMs) return `${Math.floor(ms / dayMs)} d`;
  return `${Math.floor(ms / yearMs)} y`;
}

/** Go's format plus days and weeks: `30m`, `1h30m`, `90d`, `2w`, in ms; null: anything else, and zero. */
export function parseSpan(text: string): number | null {
  const [, count, unit] = /^(\d{1,5})([dw])$/.exec(text) ?? [];
  const ms = count === undefined ? parseDuration(text) : Number(count) * (unit === "d" ? dayMs : 7 * dayMs);
  return ms === null || ms <= 0 ? null : ms;
}

/** `2026-03-05T14:00Z`, `2026-03-05 14:00` and `2026-03-05` (local time), or `14:00` (the next one); null: anything else. */
export function parseUntil(text: string, now: Date): Date | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined) return nextTime(Number(hours), Number(minutes), now);
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return null;
  const at = new Date(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T"));
  return Number.isNaN(at.getTime()) ? null : at;
}

function nextTime(hours: number, minutes: number, now: Date): Date {
  const at = new Date(now);
  at.setHours(hours, minutes, 0, 0);
  if (at <= now) at.setDate(at.getDate() + 1);
  return at;
}
