/** What is known about a service that many hosts have: facts of its Debian package. */

/** Proposed only if it passes now. */
export type KnownProbe = { readonly http: string } | { readonly tcp: string };

/** Files that no repository should have, and that stay on the host. */
export interface Staying {
  /** A path; `*` stands for a part of one name. */
  readonly pattern: string;
  readonly why: string;
}

export interface KnownService {
  /** The names that people use; the first one is the unit's on Debian 12. */
  readonly names: readonly string[];
  /** What is taken if the command line names no paths, as far as the host has it. */
  readonly paths: readonly string[];
  /** Null: the program reads changed files by itself. `reload` becomes `restart` for a unit that cannot reload. */
  readonly action: "reload" | "restart" | null;
  readonly check?: readonly string[];
  /** Default: root, because most programs open keys and logs when they test their config. */
  readonly checkUser?: string;
  /** The check needs a network interface. */
  readonly checkNetwork?: true;
  readonly probes?: readonly KnownProbe[];
  readonly staying?: readonly Staying[];
  /** A line for the person who adopts it. */
  readonly note?: string;
}

/** Whether a path matches a pattern: equal, or with one `*` for a part of a name. */
export function matchesPattern(path: string, pattern: string): boolean {
  const [before = "", after] = pattern.split("*", 2);
  if (after === undefined) return path === pattern || path.startsWith(`${pattern}/`);
  const middle = path.slice(before.length, path.length - after.length);
  const isLong = path.length >= before.length + after.length;
  return isLong && path.startsWith(before) && path.endsWith(after) && !middle.includes("/");
}
