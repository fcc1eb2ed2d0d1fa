/** Finds the files of a checkout that its next commit does not have. */
import { join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { pathsUnlikeCommit } from "../edits/paths-unlike-commit.ts";
import type { Git } from "../git.ts";
import { addedAndRemoved } from "../history/trees.ts";
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
    (await addedAndRemoved(where, base ?? "HEAD", commit, git)).removed;
  const removed = new Set(paths);
  for (const interrupted of ours) {
    const since = await addedAndRemoved(where, interrupted, commit, git).catch(noneOfAnotherStore);
    const more = [...since.removed].filter((path) => !removed.has(path));
    const edited = new Set(await pathsUnlikeCommit(where, more, interrupted, git));
    for (const path of more) if (!edited.has(path)) removed.add(path);
  }
  return [...removed];
}

/** A commit that the store lacks belongs to a former upstream of the service, and none of its files are here. */
function noneOfAnotherStore(error: unknown): { readonly removed: readonly string[] } {
  if (error instanceof ExecFailure && /bad object|unknown revision/.test(error.stderr))
    return { removed: [] };
  throw error;
}
