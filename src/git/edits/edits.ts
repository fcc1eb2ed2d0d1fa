/** Saves local edits of a checkout as a patch before they are overwritten. */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { resultOr, syncDirectory } from "../../platform/files/write-whole.ts";
import { createYieldToEventLoop, filterInBatches, inBatches } from "../../platform/yield-to-event-loop.ts";
import type { Edit } from "../checkout/checkout.ts";
import { filesInTheWay, lstatInside } from "../checkout/files-in-the-way.ts";
import { fetchBlobs, missingIds } from "../fetch/fetch-objects.ts";
import { type Git, type GitOptions, gitProblem } from "../git.ts";
import { readingIn } from "../history/reader.ts";
import { addedAndRemoved, entriesAt } from "../history/trees.ts";
import { recordsOf } from "../records.ts";
import type { CheckoutInStore, Store } from "../types.ts";
import { pathsUnlikeCommit } from "./paths-unlike-commit.ts";

const editsMaxBytes = 256 * 1024 * 1024;

/**
 * What a checkout of `to` over one of `base` would overwrite: changed files, and untracked or ignored files in its way.
 * `ours` are the commits of an interrupted checkout: files that match one of them are no local edits.
 * @throws Problem
 */
export async function editsAtRisk(
  where: CheckoutInStore,
  edits: readonly Edit[],
  { base, to, ours }: { readonly base: Commit; readonly to: Commit; readonly ours: readonly Commit[] },
  git: Git,
): Promise<string[]> {
  const changed = edits.flatMap(({ path, untracked }) => (untracked ? [] : [path]));
  const { added, removed } = await addedAndRemoved(readingIn(where.store), base, to, git);
  const restored = await pathsRestored(where.store, edits, to, git);
  const inTheWay = await filesInTheWay(where.checkout, new Set([...added, ...restored]));
  const atRisk = new Set([...changed, ...inTheWay.filter((path) => !removed.has(path))]);
  let edited = [...atRisk];
  for (const commit of ours) edited = await pathsUnlikeCommit(where, edited, commit, git);
  return edited;
}

/** The edited paths that a checkout of `to` writes, such as a deleted file, or a directory in place of a file. */
async function pathsRestored(store: Store, edits: readonly Edit[], to: Commit, git: Git): Promise<string[]> {
  const loose = new Set(edits.flatMap(({ path, untracked }) => (untracked ? [path] : [])));
  const paths = [...new Set(edits.map(({ path }) => path))] as RepoPath[];
  const there = [...(await entriesAt(store, to, paths, git)).values()];
  return there.flatMap(({ path, kind }) => {
    const written = kind === "directory" ? loose.has(path) : kind !== "submodule";
    return written ? [path] : [];
  });
}

/** False for a nested repository, which a patch cannot hold. */
export function isRemovable(path: string): boolean {
  return !path.endsWith("/");
}

/** The edits whose file exists: all but deletions. */
export async function existingEdits(
  checkout: AbsPath,
  edits: readonly Edit[],
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<Edit[]> {
  return filterInBatches(edits, ({ path }) => lstatInside(checkout, path) !== undefined, yieldToEventLoop);
}

const editsDatedMax = 1_000;

/** When the newest of the edits was made: the kernel's change time, which cannot be set. Null: none of them exists. */
export function newestEdit(checkout: AbsPath, edits: Iterable<Edit>): Date | null {
  const batch = Iterator.from(edits).take(editsDatedMax);
  const newest = Math.max(...batch.map(({ path }) => editTime(checkout, path)));
  return newest > 0 ? new Date(newest) : null;
}

/** A deletion changes the directory that had the file. */
function editTime(checkout: AbsPath, path: string): number {
  const seen = lstatInside(checkout, path) ?? lstatInside(checkout, dirname(path));
  return seen?.ctimeMs ?? 0;
}

/** What differs from `base` in a checkout that was moved to another commit by hand. */
export async function changedPaths(where: CheckoutInStore, base: Commit, git: Git): Promise<Edit[]> {
  const args = ["diff", "--name-only", "-z", "--no-renames", base, "--"];
  const changed: Edit[] = [];
  for await (const paths of recordsOf(git, where, args))
    for (const path of paths) changed.push({ path, untracked: false });
  return changed;
}

/**
 * Writes a patch against `base` for `git apply`. Returns its path, or null without a difference.
 * @throws Problem when it cannot be saved; nothing may be overwritten then
 */
export async function saveEdits(
  where: CheckoutInStore & { readonly patches: AbsPath },
  base: Commit,
  paths: readonly string[],
  tools: { git: Git; now: Date },
): Promise<string | null> {
  mkdirSync(where.patches, { recursive: true, mode: 0o700 });
  const path = join(where.patches, `${patchName(tools.now, base)}.patch`);
  const fd = openSync(path, "w", 0o600);
  try {
    const kind = ["--binary", "--full-index"];
    await diffEdits(where, base, { paths, index: "index.edits", kind, output: { stdoutFd: fd } }, tools.git);
    fsyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw gitProblem(`Cannot save the local edits in ${JSON.stringify(where.checkout)}`, error);
  } finally {
    closeSync(fd);
  }
  syncDirectory(where.patches);
  if (statSync(path).size > 0) return path;
  rmSync(path);
  return null;
}

/** The name of a patch, without its suffix. */
export function patchName(now: Date, base: Commit): string {
  return `${now.toISOString().replaceAll(/[:.]/g, "")}-${base.slice(0, 8)}`;
}

const savedMax = 100;

/** What `saveEdits` and its caller have saved of one service: the newest, oldest first. */
export function savedEdits(patches: AbsPath): string[] {
  const names = resultOr([], ["ENOENT"], () => readdirSync(patches)).sort();
  return names.slice(-savedMax).map((name) => join(patches, name));
}

/** @throws Problem when the edits are larger than a patch may be */
export async function assertSavable(checkout: AbsPath, paths: readonly string[]): Promise<void> {
  let bytes = 0;
  for await (const batch of inBatches(paths))
    for (const path of batch) bytes += lstatInside(checkout, path)?.size ?? 0;
  if (bytes <= editsMaxBytes) return;
  const what = `${Math.round(bytes / 1024 / 1024)} MiB of local edits in ${JSON.stringify(checkout)}`;
  throw new Problem("git", `Cannot save ${what}: move the large files away`, { code: "local-edits" });
}

/** Diffs with an index of its own that has only these paths, for both sides, untracked files included. */
export async function diffEdits(
  where: CheckoutInStore,
  base: Commit,
  { paths, index, kind, output }: EditsDiff,
  git: Git,
): Promise<void> {
  const { stdout } = await git(where, ["rev-parse", "--absolute-git-dir"]);
  const env = { GIT_INDEX_FILE: join(stdout.trim(), index), GIT_LITERAL_PATHSPECS: "1" };
  const input = await entriesFor(where.store, base, paths, git);
  // A tree takes, unlike an argv, any number of names with any bytes.
  await git(where, ["read-tree", "--empty"], { env });
  await git(where, ["update-index", "-z", "--index-info"], { env, input });
  const before = (await git(where, ["write-tree", "--missing-ok"], { env })).stdout.trim();
  await git(where, ["read-tree", "--empty"], { env });
  const existing = await filterInBatches(paths, (path) => lstatInside(where.checkout, path) !== undefined);
  const add = ["add", "--force", "--sparse", "--intent-to-add", "--pathspec-from-file=-"];
  await git(where, [...add, "--pathspec-file-nul"], { env, input: existing.join("\0") });
  const diff = ["diff", ...kind, "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", before];
  await git(where, diff, { env, ...output });
}

interface EditsDiff {
  readonly paths: readonly string[];
  /** The name of the index, beside git's own. */
  readonly index: string;
  readonly kind: readonly string[];
  readonly output: Pick<GitOptions, "stdoutFd" | "stdoutMaxBytes" | "onStdout" | "signal">;
}

/** The commit's entries at these paths, for `update-index --index-info`. Fetches the files that the store lacks. */
async function entriesFor(store: Store, commit: Commit, paths: readonly string[], git: Git): Promise<string> {
  const entries = [...(await entriesAt(store, commit, paths as RepoPath[], git)).values()];
  const files = entries.filter(({ kind }) => kind !== "directory");
  // A rebuilt store may lack the files that were checked out before.
  const blobs = files.flatMap(({ kind, id }) => (kind === "submodule" ? [] : [id]));
  await fetchBlobs(store, await missingIds(store, blobs, git), git);
  return files.map(({ mode, id, path }) => `${mode} ${id} 0\t${path}\0`).join("");
}
