/** A service's checkout: a linked worktree with a detached HEAD, a cone-mode sparse checkout and a sparse index. */
import { existsSync, lchownSync, lstatSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Account } from "../../model/account.ts";
import { type Commit, parseCommit } from "../../model/commit.ts";
import { type AbsPath, isAtOrBelow, type RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { listDirectory } from "../../platform/files/list-directory.ts";
import { mountedBelow } from "../../platform/files/mounted-below.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import { hasCode, resultOr } from "../../platform/files/write-whole.ts";
import { ExecFailure, isOverflow, isTimeout } from "../../platform/process/exec.ts";
import { type Git, gitProblem, throwAsProblem } from "../git.ts";
import { recordsOf } from "../records.ts";
import { putInside, readPointer, realGitDirOf, removeBeside } from "../store/pointer.ts";
import { freeNameOf, metadataArgv } from "../store/worktree-metadata.ts";
import type { CheckoutInStore, CheckoutPlace } from "../types.ts";

/**
 * What is at a checkout's path. `foreign`: gitopper did not make it. `unfit`: ours, but damaged or of another store.
 */
export type CheckoutSeen =
  | { readonly is: "absent" }
  | { readonly is: "foreign" }
  | { readonly is: "unfit"; readonly why: string }
  | {
      readonly is: "present";
      readonly head: Commit;
      readonly edits: readonly Edit[];
      readonly ignored: boolean;
      /** There are more untracked files than were read: `edits` has the first of them. */
      readonly flooded?: true;
    };

/** How many untracked files are read; the service's user may create any number. */
export const untrackedMax = 10_000;

/** A path that differs from the HEAD of its checkout. */
export interface Edit {
  readonly path: string;
  /** True: git does not track the file. */
  readonly untracked: boolean;
}

export async function observeCheckout(
  where: CheckoutInStore,
  git: Git,
  { storesDir, max = untrackedMax }: { readonly storesDir: AbsPath; readonly max?: number },
): Promise<CheckoutSeen> {
  const { store, checkout } = where;
  const pointer = readPointer(checkout);
  if (pointer === null) return isEmpty(checkout) ? { is: "absent" } : { is: "foreign" };
  const gitDir = realGitDirOf(checkout);
  if (gitDir === null || !isAtOrBelow(gitDir, storesDir))
    return isOrphan(gitDir) ? { is: "unfit", why: "its state directory is gone" } : { is: "foreign" };
  if (!isAtOrBelow(gitDir, store.path)) return { is: "unfit", why: "it belongs to another upstream or user" };
  try {
    const args = [
      "status",
      "--porcelain=v2",
      "--branch",
      "-z",
      "--no-renames",
      "--untracked-files=all",
      "--ignored=traditional",
    ];
    return await parseStatus(recordsOf(git, where, args, { enough: enoughUntracked(max) }), max);
  } catch (error) {
    if (isTimeout(error) || isOverflow(error))
      throw gitProblem(`Cannot look for local edits in ${JSON.stringify(checkout)}`, error);
    if (error instanceof ExecFailure) return { is: "unfit", why: error.keyLine };
    throw error;
  }
}

/** Its store was ours, or another gitopper's, and does not exist any more. */
function isOrphan(gitDir: AbsPath | null): boolean {
  const store = /^(.*\/stores\/[^/]+-[0-9a-f]{12})\/worktrees\/[^/]+$/.exec(gitDir ?? "")?.[1];
  return store !== undefined && !existsSync(store);
}

/** For the output of `git status -z`: true once more than `max` untracked files or an ignored one, listed last, were read. */
export function enoughUntracked(max: number): (chunk: Buffer) => boolean {
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = Buffer.concat([rest, chunk]);
    for (let at = bytes.indexOf("\0? "); at !== -1 && count <= max; at = bytes.indexOf("\0? ", at + 1))
      count++;
    rest = bytes.subarray(-2);
    return count > max || bytes.includes("\0! ");
  };
}

type Records = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

/** Parses the records of `git status --porcelain=v2 --branch -z`, up to `max` untracked files; see git-status(1). */
export async function parseStatus(all: Records, max = untrackedMax): Promise<CheckoutSeen> {
  const edits: Edit[] = [];
  let head: Commit | null = null;
  let ignored = false;
  let untracked = 0;
  const take = (record: string) => {
    if (record.startsWith("# branch.oid ")) head = parseCommit(record.slice("# branch.oid ".length));
    else if (record.startsWith("! ")) ignored = true;
    else if (record.startsWith("? ") && ++untracked <= max)
      edits.push({ path: record.slice(2), untracked: true });
    else if (/^[1u] /.test(record)) {
      const pathAt = record.startsWith("1") ? 8 : 10;
      edits.push({ path: record.split(" ").slice(pathAt).join(" "), untracked: false });
    }
  };
  for await (const records of all) for (const record of records) take(record);
  if (head === null) return { is: "unfit", why: "it has no HEAD" };
  return { is: "present", head, edits, ignored, ...(untracked > max && { flooded: true }) };
}

/** Makes the worktree's metadata at `commit`, for these links, without files. @throws Problem */
export async function addCheckout(
  where: CheckoutInStore,
  { commit: head, links }: { readonly commit: Commit; readonly links: readonly RepoPath[] },
  git: Git,
): Promise<void> {
  const { store, checkout } = where;
  preparePlace(checkout, store.account);
  // Left by a checkout that was removed by hand.
  removeBeside(checkout);
  const first = metadataArgv(where, { name: freeNameOf(where), head, isNew: true });
  const failed = throwAsProblem(`Cannot make the checkout ${JSON.stringify(checkout)}`);
  await git(where, narrowArgs(links), { first }).catch(failed);
}

/** Sets which paths the checkout has; the next `updateCheckout` brings the files. @throws Problem */
export async function narrowCheckout(
  where: CheckoutInStore,
  links: readonly RepoPath[],
  git: Git,
): Promise<void> {
  const failed = throwAsProblem(`Cannot narrow the checkout ${JSON.stringify(where.checkout)}`);
  await git(where, narrowArgs(links)).catch(failed);
}

/** Without an index git only records the paths, and touches no file. */
export function narrowArgs(links: readonly RepoPath[]): readonly string[] {
  const whole = links.includes("." as RepoPath);
  // --skip-checks allows a file named like a directory: the cone then has its parents' files, as intended.
  const how = whole ? ["disable"] : ["set", "--cone", "--sparse-index", "--skip-checks", ...new Set(links)];
  return ["sparse-checkout", ...how];
}

/** For many files on a slow disk. */
export const writesMaxMs = 15 * 60_000;

/** Brings the files to `commit`, over any local edit; the store must have all of them. @throws Problem */
export async function updateCheckout(where: CheckoutInStore, commit: Commit, git: Git): Promise<void> {
  const args = ["checkout", "--force", "--quiet", "--detach", commit];
  const failed = throwAsProblem(`Cannot check out ${commit} in ${JSON.stringify(where.checkout)}`);
  await git(where, args, { timeoutMs: writesMaxMs }).catch(failed);
}

/** Removes a checkout that has nothing but tracked files, as git judges it. Returns whether it is gone. */
export async function removeCheckout(where: CheckoutPlace, git: Git): Promise<boolean> {
  const { store, checkout } = where;
  putInside(checkout);
  const options = { okStatus: [0, 1, 128, 255] };
  if (lstatSync(checkout, { throwIfNoEntry: false }) !== undefined) {
    // `git worktree remove` also deletes ignored files.
    const args = ["status", "--porcelain", "-z", "--ignored", "--untracked-files=normal"];
    // Whether there are any is the question; there may be millions.
    const { status, stdout } = await git(where, args, { ...options, enough: () => true });
    if (status !== 0) return removeEmpty(checkout);
    // Git would enter what is mounted there, and delete it.
    if (stdout !== "" || mountedBelow(checkout, { orAt: true }) !== null) return false;
  }
  const { status } = await git(store, ["worktree", "remove", checkout], options);
  return status === 0 || removeEmpty(checkout);
}

/** In a directory of root, git as another user can empty the checkout, but not remove its directory. */
function removeEmpty(checkout: AbsPath): boolean {
  if (untrustedPart(checkout) !== null) return false;
  return resultOr(false, ["ENOTEMPTY", "ENOENT", "ENOTDIR"], () => {
    rmdirSync(checkout);
    return true;
  });
}

/** Renames the checkout, so that nothing in it is lost; returns the new path. */
export function setAsideCheckout(checkout: AbsPath, now: Date): string {
  const aside = `${checkout}.aside-${now.toISOString().replaceAll(/[:.]/g, "")}`;
  putInside(checkout);
  renameSync(checkout, aside);
  return aside;
}

/**
 * Makes `<mount>` and an empty checkout directory that belongs to the user.
 * @throws Problem when another user could replace a parent directory
 */
function preparePlace(checkout: AbsPath, account: Account): void {
  assertTrusted(checkout);
  mkdirSync(dirname(checkout), { recursive: true });
  // Check again: in a directory such as /tmp another user may have been faster.
  assertTrusted(checkout);
  const seen = lstatSync(checkout, { throwIfNoEntry: false });
  if (seen === undefined) mkdirSync(checkout);
  else if (!seen.isDirectory() || (seen.uid !== account.uid && seen.uid !== process.getuid?.())) {
    const what = `Cannot check out to ${JSON.stringify(checkout)}: it belongs to a user other than ${account.name}`;
    throw new Problem("host", `${what}; move it away`, { code: "path-blocked" });
  }
  lchownSync(checkout, account.uid, account.gid);
}

function assertTrusted(checkout: AbsPath): void {
  const open = untrustedPart(checkout);
  if (open === null) return;
  const what = `Cannot check out to ${JSON.stringify(checkout)}: others can change ${JSON.stringify(open)}`;
  throw new Problem("host", `${what}; choose a mount that only root can change`, { code: "path-blocked" });
}

function isEmpty(path: AbsPath): boolean {
  try {
    return listDirectory(path).next().done === true;
  } catch (error) {
    return hasCode(error, "ENOENT");
  }
}
