/** Reads the values of one table, and reports its errors; an empty string counts as not set, as in the original. */
import type { Findings, Path } from "../errors/finding.ts";
import type { Parsed } from "./values/parsed.ts";

type Parse<T> = (text: string) => Parsed<T>;

/** The keys of a table whose values are text. */
type TextKey<T> = { [K in keyof T]-?: T[K] extends string | undefined ? K : never }[keyof T] & string;

/** A key, or an element of its list. */
type Spot<T> = (keyof T & string) | readonly [keyof T & string, number];

/** A table of a list. */
type Element<List> = NonNullable<List> extends readonly (infer T extends object)[] ? T : never;

/** A table of the config as written. */
export class Table<T extends object> {
  readonly file: T;
  readonly at: Path;
  readonly findings: Findings;

  constructor(file: T, at: Path, findings: Findings) {
    this.file = file;
    this.at = at;
    this.findings = findings;
  }

  /** Null: not set, or invalid and reported. */
  optional<V>(key: TextKey<T>, parse: Parse<V>): V | null {
    const text = this.file[key] as string | undefined;
    if (text === undefined || text === "") return null;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    this.report(key, parsed.why);
    return null;
  }

  /** The fallback is for a key that is not set; `advice` says what to set when there is neither. */
  required<V>(key: TextKey<T>, parse: Parse<V>, advice: string, fallback: V | null = null): V | null {
    if (this.file[key]) return this.optional(key, parse);
    // An error in [global] is reported once, not again for each service that inherits the key.
    if (fallback === null && !this.findings.has(["global", key]))
      this.report(key, `${this.file[key] === undefined ? "is missing" : "is empty"}; ${advice}`);
    return fallback;
  }

  /** What is wrong at a key, and the key that it collides with, if any. */
  report(spot: Spot<T>, message: string, other?: Path): void {
    this.findings.add([...this.at, spot].flat(), message, other);
  }

  /** The table at a key; empty when there is none. */
  inner<K extends keyof T & string>(key: K): Table<NonNullable<T[K]>> {
    return new Table(this.file[key] ?? ({} as NonNullable<T[K]>), [...this.at, key], this.findings);
  }

  /** The tables of a list; none when there is no list. */
  tables<K extends keyof T & string>(key: K): Table<Element<T[K]>>[] {
    const list = (this.file[key] ?? []) as readonly Element<T[K]>[];
    return list.map((file, index) => new Table(file, [...this.at, key, index], this.findings));
  }
}
