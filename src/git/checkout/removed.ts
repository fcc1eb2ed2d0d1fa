/** Which files of a checkout its next commit does not have any more. */
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { decodePath, encodePath } from "../../model/text/path-bytes.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { pathsUnlikeCommit } from "../edits/paths-unlike-commit.ts";
import type { Git } from "../git.ts";
import { recordsOf } from "../records.ts";
import type { Store } from "../types.ts";
import { pathsRemoved } from "./index-file.ts";

interface CheckoutInStore {
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
  where: CheckoutInStore,
  {
    commit,
    ours,
    base,
  }: { readonly commit: Commit; readonly ours: readonly Commit[]; readonly base: Commit | null },
  indexes: Indexes,
  git: Git,
): Promise<string[]> {
  const paths =
    (await pathsRemoved(indexes.live, indexes.staged, commit.length / 2)) ??
    (await removedSince(base ?? "HEAD", commit, where, git));
  // Most checkouts were not cut off.
  if (ours.length === 0) return paths;
  const removed = new Set(paths);
  for (const cutOff of ours) {
    const since = await removedSince(cutOff, commit, where, git).catch(noneOfAnotherStore);
    const more = since.filter((path) => !removed.has(path));
    const named = new Map(more.map((path) => [decodePath(Buffer.from(path, "latin1")), path]));
    const typed = new Set(await pathsUnlikeCommit(where, [...named.keys()], cutOff, git));
    for (const [text, path] of named) if (!typed.has(text)) removed.add(path);
  }
  return [...removed];
}

/** A commit that the store does not have is of an upstream that the service had before, and nothing here is its. */
function noneOfAnotherStore(error: unknown): string[] {
  if (error instanceof ExecFailure && /bad object|unknown revision/.test(error.stderr)) return [];
  throw error;
}

async function removedSince(
  base: string,
  commit: Commit,
  { store, checkout }: CheckoutInStore,
  git: Git,
): Promise<string[]> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=D", base, commit];
  const removed: string[] = [];
  for await (const paths of recordsOf(git, { checkout }, args, { account: store.account }))
    for (const path of paths) removed.push(toBytes(path));
  return removed;
}

/** A name of a `Directory`. */
function toBytes(path: string): string {
  return encodePath(path).toString("latin1");
}
