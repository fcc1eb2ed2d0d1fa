/** Where a candidate is staged: a directory beside the checkout that only the service's user and root can enter. */
import { lchownSync, lstatSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { assertNothingMounted } from "../../platform/files/mounted-below.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import { resultOr } from "../../platform/files/write-whole.ts";
import type { Exec } from "../../platform/process/exec.ts";

/** `tree` has the files of the commit; `trash` takes what is in their way in the checkout. */
export interface Stage {
  readonly root: AbsPath;
  readonly tree: AbsPath;
  readonly trash: AbsPath;
}

const findTimeoutMs = 5 * 60_000;

/** Beside the checkout; inside it when the checkout is a mount point, because rename(2) cannot cross mounts. */
export function stageOf(checkout: AbsPath): Stage {
  const root = isMount(checkout)
    ? join(checkout, ".gitopper.stage")
    : join(dirname(checkout), `.${basename(checkout)}.stage`);
  return {
    root: root as AbsPath,
    tree: join(root, "tree") as AbsPath,
    trash: join(root, "trash") as AbsPath,
  };
}

function isMount(checkout: AbsPath): boolean {
  const own = mountOf(checkout);
  return own !== undefined && own !== mountOf(dirname(checkout));
}

/** Follows a symlink at the path; undefined: there is no directory. */
function mountOf(directory: string): string | undefined {
  using held = HeldDirectory.find(`${directory}/.`);
  return held?.mountId();
}

/** Removes what a crash left of an older stage, and makes an empty one. @throws Problem */
export async function makeStage(checkout: AbsPath, account: Account, exec: Exec): Promise<Stage> {
  const stage = stageOf(checkout);
  await removeStage(stage, account, exec);
  const { root, tree, trash } = stage;
  if (untrustedPart(root) === null) {
    mkdirSync(root, { mode: 0o700 });
    // From the inside out: while the outer directory is root's, no other user can swap the inner ones.
    for (const path of [tree, trash]) mkdirSync(path, { mode: 0o755 });
    for (const path of [tree, trash, root]) lchownSync(path, account.uid, account.gid);
  } else {
    const options = { account, timeoutMs: findTimeoutMs };
    await exec(["mkdir", "--mode=700", "--", root], options);
    await exec(["mkdir", "--", tree, trash], options);
  }
  return stage;
}

/** @throws Problem when something of it remains */
export async function removeStage({ root, tree, trash }: Stage, account: Account, exec: Exec): Promise<void> {
  const seen = lstatSync(root, { throwIfNoEntry: false });
  if (seen === undefined) return;
  const empty = ["find", root, "-mindepth", "1", "-delete"];
  const options = { timeoutMs: findTimeoutMs, tied: true, okStatus: [0, 1] };
  // Usually that is enough. Where only the checkout is trusted, the rest may be a symlink by now and is not followed.
  if (seen.isDirectory() && untrustedPart(root) === null) for (const path of [tree, trash]) removeEmpty(path);
  if (!seen.isDirectory()) rmSync(root);
  else if (!removeEmpty(root)) {
    assertNothingMounted(root);
    await exec(empty, { ...options, account });
    if (removeEmpty(root)) return;
    // Files of a check that ran as another user. This find follows no symlink, whatever is swapped.
    await exec(empty, options);
    if (!removeEmpty(root))
      throw new Problem("host", `Cannot remove ${JSON.stringify(root)}; remove it`, { code: "path-blocked" });
  }
}

/** Returns whether it is gone. */
function removeEmpty(directory: AbsPath): boolean {
  return resultOr(false, ["ENOTEMPTY", "ENOTDIR"], () => {
    resultOr(undefined, ["ENOENT"], () => rmdirSync(directory));
    return true;
  });
}
