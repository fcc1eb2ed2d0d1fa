/** Reads the values of one table; an empty string counts as not set, as in the original. */
import type { Findings, Path } from "../errors/finding.ts";
import type { Parsed } from "./values/parsed.ts";

type Parse<T> = (text: string) => Parsed<T>;

/** The keys of a table whose values are text. */
type TextKey<T> = { [K in keyof T]-?: T[K] extends string | undefined ? K : never }[keyof T] & string;

/** The fields `K` of the table at a path; null: not set, or invalid and reported. */
export interface Fields<K extends string> {
  optional<T>(key: K, parse: Parse<T>): T | null;
  /** The fallback is for a key that is not set; `advice` says what to set when there is neither. */
  required<T>(key: K, parse: Parse<T>, advice: string, fallback?: T | null): T | null;
}

/** Reads text values of a table, and reports what is wrong with them. */
export function createFields<T extends object>(table: T, at: Path, findings: Findings): Fields<TextKey<T>> {
  const textOf = (key: TextKey<T>) => table[key] as string | undefined;
  const optional = <V>(key: TextKey<T>, parse: Parse<V>): V | null => {
    const text = textOf(key);
    if (text === undefined || text === "") return null;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    findings.add([...at, key], parsed.why);
    return null;
  };
  return {
    optional,
    required(key, parse, advice, fallback = null) {
      if (textOf(key)) return optional(key, parse);
      // An error in [global] is reported once, not again for each service that inherits the key.
      if (fallback === null && !findings.has(["global", key]))
        findings.add([...at, key], `${textOf(key) === undefined ? "is missing" : "is empty"}; ${advice}`);
      return fallback;
    },
  };
}
