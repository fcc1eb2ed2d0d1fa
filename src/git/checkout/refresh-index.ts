/** Refreshes git's index for files that are published already; changes no file of the checkout. */
import { renameSync } from "node:fs";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Directory } from "../../platform/files/directory.ts";
import { type Git, gitProblem } from "../git.ts";
import { requiredGitDir } from "../store/pointer.ts";
import type { CheckoutInStore } from "../types.ts";

/**
 * Afterwards the index is the staged one, and the detached HEAD is `commit`. (`git reset --mixed` would do both, but
 * crashes with some sparse indexes: git 2.39.) @throws Problem
 */
export async function refreshIndex(
  where: CheckoutInStore,
  { commit, whole }: { readonly commit: Commit; readonly whole: boolean },
  git: Git,
): Promise<void> {
  const { store, checkout } = where;
  try {
    putIndex(checkout, store.account.uid);
    await git(where, ["update-ref", "--no-deref", "HEAD", commit]);
    // Otherwise git reads all files each time: the staged index has no stat data of the files that did not change.
    if (whole) await git(where, ["update-index", "-q", "--refresh"], { okStatus: [0, 1] });
  } catch (error) {
    throw gitProblem(`Cannot set the checkout ${JSON.stringify(checkout)} to ${commit}`, error);
  }
}

/** By a rename, as git does it. */
function putIndex(checkout: AbsPath, owner: number): void {
  const gitDir = requiredGitDir(checkout);
  using directory = Directory.open(gitDir, owner);
  renameSync(directory.at(stagedIndex), directory.at("index"));
}

/** Beside the index of a checkout, so that git can rename it. */
export const stagedIndex = "index.stage";
