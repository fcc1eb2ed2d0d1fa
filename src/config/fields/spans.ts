/** Parses durations and sizes. */
import { parseDuration, renderDuration } from "../../model/text/duration.ts";
import { quote } from "../errors/finding.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";

/** A parser of durations in Go's format, in ms; `advice` says what would be right. */
export function spanWithin(minMs: number, maxMs: number, advice: string): (text: string) => Parsed<number> {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === null) return refuse(`${quote(text)} is not a duration; ${advice}`);
    if (ms === 0 && minMs > 0) return refuse(`is zero; ${advice}`);
    if (ms < minMs) return refuse(`${quote(text)} is too short; use ${quote(renderDuration(minMs))} or more`);
    return ms > maxMs
      ? refuse(`${quote(text)} is too long; use ${quote(renderDuration(maxMs))} or less`)
      : accept(ms);
  };
}

const unitBytes: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `500M`, `2G`, `1.5T`: powers of 1024, in bytes; at least 64M. */
export function parseSize(text: string): Parsed<number> {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT])(?:i?B)?$/.exec(text) ?? [];
  if (amount === undefined) return refuse(`${quote(text)} is not a size; use one such as "500M" or "4G"`);
  const bytes = Math.floor(Number(amount) * (unitBytes[unit] ?? 0));
  return bytes < 64 * 2 ** 20 ? refuse(`${quote(text)} is too small; use "64M" or more`) : accept(bytes);
}
