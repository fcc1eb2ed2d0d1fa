/** Tells git of files that are in place already; no file of the checkout changes here. */
import { renameSync } from "node:fs";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { Directory } from "../../platform/files/directory.ts";
import { type Git, gitProblem } from "../git.ts";
import { gitDirOf } from "../store/pointer.ts";
import type { Store } from "../types.ts";

/**
 * Afterwards the index is the staged one and HEAD, detached, is `commit`. (`git reset --mixed`, which does all of it,
 * crashes with some sparse indexes: git 2.39.) @throws Problem
 */
export async function settleCheckout(
  { store, checkout }: { readonly store: Store; readonly checkout: AbsPath },
  { commit, whole }: { readonly commit: Commit; readonly whole: boolean },
  git: Git,
): Promise<void> {
  const { account } = store;
  try {
    putIndex(checkout, account.uid);
    await git({ checkout }, ["update-ref", "--no-deref", "HEAD", commit], { account });
    // Else git reads all files at each look: its index knows those that were staged, not those that were left alone.
    if (whole) await git({ checkout }, ["update-index", "-q", "--refresh"], { account, okStatus: [0, 1] });
  } catch (error) {
    throw gitProblem(`Cannot set the checkout ${JSON.stringify(checkout)} to ${commit}`, error);
  }
}

/** By a rename, as git itself does it. */
function putIndex(checkout: AbsPath, owner: number): void {
  const gitDir = gitDirOf(checkout);
  if (gitDir === null)
    throw new Problem("git", `${JSON.stringify(checkout)} has lost the file that names its git directory`, {
      code: "store-damaged",
    });
  using directory = Directory.open(gitDir, owner);
  renameSync(directory.at(stagedIndex), directory.at("index"));
}

/** Beside the index of a checkout, where git can rename it from one that it has just written. */
export const stagedIndex = "index.stage";
