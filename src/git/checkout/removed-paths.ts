/** Finds the files of a checkout that its next commit does not have. */
import { join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { pathsUnlikeCommit } from "../edits/paths-unlike-commit.ts";
import type { Git } from "../git.ts";
import { recordsOf } from "../records.ts";
import { requiredGitDir } from "../store/pointer.ts";
import type { CheckoutInStore } from "../types.ts";
import { pathsRemoved } from "./index-file.ts";
import { stagedIndex } from "./refresh-index.ts";

/**
 * The paths, as `decodePath` returns them, that the checkout's index has and `commit` lacks. Of the commits of an interrupted
 * checkout only files that match them exactly count, because any other file may be a local one.
 */
export async function removedPaths(
  where: CheckoutInStore,
  {
    commit,
    ours,
    base,
  }: { readonly commit: Commit; readonly ours: readonly Commit[]; readonly base: Commit | null },
  git: Git,
): Promise<string[]> {
  const gitDir = requiredGitDir(where.checkout);
  const paths =
    (await pathsRemoved(join(gitDir, "index"), join(gitDir, stagedIndex), commit.length / 2)) ??
    (await removedSince(base ?? "HEAD", commit, where, git));
  // Most checkouts were not interrupted.
  if (ours.length === 0) return paths;
  const removed = new Set(paths);
  for (const interrupted of ours) {
    const since = await removedSince(interrupted, commit, where, git).catch(noneOfAnotherStore);
    const more = since.filter((path) => !removed.has(path));
    const edited = new Set(await pathsUnlikeCommit(where, more, interrupted, git));
    for (const path of more) if (!edited.has(path)) removed.add(path);
  }
  return [...removed];
}

/** A commit that the store lacks belongs to a former upstream of the service, and none of its files are here. */
function noneOfAnotherStore(error: unknown): string[] {
  if (error instanceof ExecFailure && /bad object|unknown revision/.test(error.stderr)) return [];
  throw error;
}

async function removedSince(
  base: string,
  commit: Commit,
  where: CheckoutInStore,
  git: Git,
): Promise<string[]> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=D", base, commit];
  const removed: string[] = [];
  for await (const paths of recordsOf(git, where, args)) for (const path of paths) removed.push(path);
  return removed;
}
