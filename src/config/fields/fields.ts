/** Reads the values of one table; an empty string counts as not set, as in the original. */
import type { Findings, Path } from "../errors/finding.ts";
import type { Parsed } from "./values/parsed.ts";

type Parse<T> = (text: string) => Parsed<T>;

/** The fields `K` of the table at a path; null: not set, or invalid and reported. */
export interface Fields<K extends string> {
  optional<T>(key: K, parse: Parse<T>): T | null;
  /** The fallback is for a key that is not set; `advice` says what to set when there is neither. */
  required<T>(key: K, parse: Parse<T>, advice: string, fallback?: T | null): T | null;
}

/** Reads text values of a table, and reports what is wrong with them. */
export function createFields<K extends string>(
  table: { readonly [key in K]?: string | undefined },
  at: Path,
  findings: Findings,
): Fields<K> {
  const optional = <T>(key: K, parse: Parse<T>): T | null => {
    const text = table[key];
    if (text === undefined || text === "") return null;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    findings.add([...at, key], parsed.why);
    return null;
  };
  return {
    optional,
    required(key, parse, advice, fallback = null) {
      if (table[key]) return optional(key, parse);
      // An error in [global] is reported once, not again for each service that inherits the key.
      if (fallback === null && !findings.has(["global", key])) {
        findings.add([...at, key], `${table[key] === undefined ? "is missing" : "is empty"}; ${advice}`);
      }
      return fallback;
    },
  };
}
