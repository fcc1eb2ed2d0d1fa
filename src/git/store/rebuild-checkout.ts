/** Makes the administration of one checkout anew, in its store, without touching a file of the checkout. */
import { join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { narrowCheckout, writesMaxMs } from "../checkout/checkout.ts";
import { bringCommit } from "../fetch/fetch-objects.ts";
import { gitProblem } from "../git.ts";
import type { Store } from "../types.ts";
import { realGitDirOf } from "./pointer.ts";
import type { StoreTools } from "./store.ts";
import { writeAs } from "./write-as.ts";

interface CheckoutInStore {
  readonly store: Store;
  readonly checkout: AbsPath;
}

/** The name that a checkout has in its store; null where it does not point into this store. */
export function nameInStore({ store, checkout }: CheckoutInStore): string | null {
  const gitDir = realGitDirOf(checkout) ?? "";
  const prefix = `${store.path}/worktrees/`;
  const name = gitDir.startsWith(prefix) ? gitDir.slice(prefix.length) : "";
  return /^[^/\n]+$/.test(name) && !/^\.+$/.test(name) ? name : null;
}

/**
 * HEAD is `head` afterwards, the index fits the files as they are, and what people typed is a local edit as before.
 * HEAD is written last: cut off, the checkout is as unfit as it was.
 * @throws Problem; `CommitGone` when upstream does not give that commit any more
 */
export async function rebuildWorktreeMetadata(
  place: CheckoutInStore,
  { head, links }: { readonly head: Commit; readonly links: readonly RepoPath[] },
  { git, exec }: Pick<StoreTools, "git" | "exec">,
): Promise<void> {
  const { store, checkout } = place;
  const name = nameInStore(place);
  if (name === null)
    throw new Problem("git", `${JSON.stringify(checkout)} is not a checkout of its store`, {
      code: "store-damaged",
    });
  const { account } = store;
  try {
    await bringCommit(store, head, git);
    const remove = ["find", join(store.path, "worktrees", name), "-delete"];
    await exec(remove, { account, timeoutMs: 60_000, tied: true, okStatus: [0, 1] });
    // As gitrepository-layout(5) has them.
    const files = { commondir: "../..", gitdir: `${checkout}/.git`, HEAD: head };
    for (const [file, text] of Object.entries(files))
      await writeAs(store, exec, `worktrees/${name}/${file}`, `${text}\n`);
    // While there is no index, this writes down the paths and touches nothing.
    await narrowCheckout(store, checkout, links, git);
    await git({ checkout }, ["reset", "--mixed", "--quiet", head], { account, timeoutMs: writesMaxMs });
  } catch (error) {
    throw explained(checkout, error);
  }
}

/** Upstream does not have a commit any more, nor has the store. */
export class CommitGone extends Problem {}

const gone = /not our ref|unadvertised object/;

function explained(checkout: AbsPath, error: unknown): unknown {
  const failure = error instanceof Problem ? error.cause : error;
  const what = `Cannot mend the checkout ${JSON.stringify(checkout)}`;
  if (failure instanceof ExecFailure && gone.test(failure.stderr))
    return new CommitGone("git", `${what}: upstream does not have its commit any more`, { cause: failure });
  return gitProblem(what, failure);
}
