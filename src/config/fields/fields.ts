/** Reads the values of one table; an empty string is a key that is not set, as it always was. */
import type { Findings, Path } from "../errors/finding.ts";
import type { Parsed } from "./values/parsed.ts";

type Parse<T> = (text: string) => Parsed<T>;

/** The fields `K` of the table at a path; null: not set, or wrong and noted. */
export interface Fields<K extends string> {
  optional<T>(key: K, parse: Parse<T>): T | null;
  /** The fallback is for a key that is not set; `advice` says what to set when there is neither. */
  required<T>(key: K, parse: Parse<T>, advice: string, fallback?: T | null): T | null;
}

/** Reads from a table's text values, and notes what is wrong with them. */
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
      // A fault in [global] is said once, not again by each service that lacks the key because of it.
      if (fallback === null && !findings.has(["global", key])) {
        findings.add([...at, key], `${table[key] === undefined ? "is missing" : "is empty"}; ${advice}`);
      }
      return fallback;
    },
  };
}
