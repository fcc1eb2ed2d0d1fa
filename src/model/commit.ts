/** A commit's full object id: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
declare const commitBrand: unique symbol;
export type Commit = string & { readonly [commitBrand]: true };

/** Parses a full object id; null: anything else. */
export function parseCommit(id: unknown): Commit | null {
  return typeof id === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id) ? (id as Commit) : null;
}

/** The first eight digits, for people. */
export function shortCommit(commit: Commit): string {
  return commit.slice(0, 8);
}
