/** Which files of a checkout its next commit does not have any more. */
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";
import type { Git } from "./git.ts";
import { readIndexPaths } from "./index-file.ts";
import type { Store } from "./store.ts";
import { withoutOurs } from "./without-ours.ts";

interface Place {
  readonly store: Store;
  readonly checkout: AbsPath;
}

/** The indexes of the checkout and of what is staged for it. */
export interface Indexes {
  readonly live: string;
  readonly staged: string;
}

/**
 * What the checkout has in its index and `commit` has not, in bytes (latin1). Of the commits of a checkout that was
 * cut off only what is just as they have it, for all else may be somebody's own.
 */
export async function removedPaths(
  where: Place,
  {
    commit,
    ours,
    base,
  }: { readonly commit: Commit; readonly ours: readonly Commit[]; readonly base: Commit | null },
  indexes: Indexes,
  git: Git,
): Promise<string[]> {
  const removed = new Set(
    removedBetween(indexes, commit.length / 2) ?? (await removedSince(base ?? "HEAD", commit, where, git)),
  );
  for (const cutOff of ours) {
    const paths = (await removedSince(cutOff, commit, where, git)).filter((path) => !removed.has(path));
    const named = new Map(paths.map((path) => [Buffer.from(path, "latin1").toString("utf8"), path]));
    const typed = new Set(await withoutOurs(where, [...named.keys()], cutOff, git));
    for (const [text, path] of named) if (!typed.has(text)) removed.add(path);
  }
  return [...removed];
}

/** Faster than to ask git, whose answer would take as long as all of the staging. */
function removedBetween({ live, staged }: Indexes, idBytes: number): string[] | null {
  const before = readIndexPaths(live, idBytes);
  const after = readIndexPaths(staged, idBytes);
  return before && after && [...before.difference(after)];
}

async function removedSince(
  base: string,
  commit: Commit,
  { store, checkout }: Place,
  git: Git,
): Promise<string[]> {
  // Not -z: then names are quoted, and those that are not UTF-8 come through.
  const args = ["diff-tree", "-r", "--name-only", "--no-renames", "--diff-filter=D", base, commit];
  const { stdout } = await git({ checkout }, args, { account: store.account });
  return stdout.split("\n").filter(Boolean).map(unquote);
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
};

/** A name as git quotes it (git-config(1), `core.quotePath`), as bytes. */
export function unquote(name: string): string {
  if (!name.startsWith('"')) return Buffer.from(name, "utf8").toString("latin1");
  return name
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
}
