/** Rebuilds the worktree metadata of one checkout in its store, without touching the checkout's files. */
import type { Commit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { narrowArgs, writesMaxMs } from "../checkout/checkout.ts";
import { fetchCommit } from "../fetch/fetch-objects.ts";
import { type Git, gitProblem } from "../git.ts";
import type { CheckoutInStore } from "../types.ts";
import { realGitDirOf } from "./pointer.ts";
import { metadataArgv } from "./worktree-metadata.ts";

/** The name of the checkout's worktree in its store; null when the checkout does not point into this store. */
export function nameInStore({ store, checkout }: CheckoutInStore): string | null {
  const gitDir = realGitDirOf(checkout) ?? "";
  const prefix = `${store.path}/worktrees/`;
  const name = gitDir.startsWith(prefix) ? gitDir.slice(prefix.length) : "";
  return /^[^/\n]+$/.test(name) && !/^\.+$/.test(name) ? name : null;
}

/**
 * Afterwards HEAD is `head`, the index matches the files as they are, and local edits are still local edits.
 * After a crash the checkout counts as unfit as before, until its metadata is complete.
 * @throws Problem; `CommitGone` when upstream does not serve the commit any more
 */
export async function rebuildWorktreeMetadata(
  place: CheckoutInStore,
  { head, links }: { readonly head: Commit; readonly links: readonly RepoPath[] },
  git: Git,
): Promise<void> {
  const { store, checkout } = place;
  const name = nameInStore(place);
  if (name === null)
    throw new Problem("git", `${JSON.stringify(checkout)} is not a checkout of its store`, {
      code: "store-damaged",
    });
  try {
    await fetchCommit(store, head, git);
    const first = metadataArgv(place, { name, head, isNew: false });
    await git(place, narrowArgs(links), { first });
    await git(place, ["reset", "--mixed", "--quiet", head], { timeoutMs: writesMaxMs });
  } catch (error) {
    throw explained(checkout, error);
  }
}

/** Neither upstream nor the store has the commit any more. */
export class CommitGone extends Problem {}

const gone = /not our ref|unadvertised object/;

function explained(checkout: AbsPath, error: unknown): unknown {
  const failure = error instanceof Problem ? error.cause : error;
  const what = `Cannot mend the checkout ${JSON.stringify(checkout)}`;
  if (failure instanceof ExecFailure && gone.test(failure.stderr))
    return new CommitGone("git", `${what}: upstream does not have its commit any more`, { cause: failure });
  return gitProblem(what, failure);
}
