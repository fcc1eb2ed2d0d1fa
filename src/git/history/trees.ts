/** Reads commits and trees of a store. Trees are complete; blobs may be missing, so no command here may read one. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { isUtf8 } from "../../model/text/path-bytes.ts";
import { chunksOf } from "../chunks.ts";
import { type Git, gitProblem } from "../git.ts";
import { recordsOf } from "../records.ts";
import { keptGlob } from "../store/kept-refs.ts";
import type { GitPlace, Store } from "../types.ts";
import { readingIn } from "./reader.ts";

export type EntryKind = "directory" | "file" | "symlink" | "submodule";

/** The entry of a path in a commit. Two commits with equal ids at a path have equal content there. */
export interface Entry {
  readonly kind: EntryKind;
  readonly id: string;
  /** As in git: `100644`, `040000`. */
  readonly mode: string;
  readonly path: string;
}

const kinds: Readonly<Record<string, EntryKind>> = {
  "040000": "directory",
  "120000": "symlink",
  "160000": "submodule",
};

/** The kind of an entry, from its mode. */
export function entryKind(mode: string): EntryKind {
  return kinds[mode] ?? "file";
}

/** The entries of these paths in a commit; missing paths are absent. Usually one process. */
export async function entriesAt(
  store: Store,
  commit: Commit,
  paths: readonly RepoPath[],
  git: Git,
): Promise<ReadonlyMap<string, Entry>> {
  const found = new Map<string, Entry>();
  const named = paths.filter((path) => path !== ".");
  if (named.length < paths.length) {
    const { stdout } = await git(readingIn(store), ["rev-parse", "--verify", `${commit}^{tree}`]);
    found.set(".", { kind: "directory", id: stdout.trim(), mode: "040000", path: "." });
  }
  if (named.length === 0) return found;
  const wanted = new Set<string>(named);
  // -t: otherwise a path inside another one would hide that one's entry; it lists their parents too.
  for await (const entries of lsTreeAt(store, ["-t", commit], [...wanted], git))
    for (const entry of entries) if (wanted.has(entry.path)) found.set(entry.path, entry);
  return found;
}

/** All files at and below these paths in a commit, symlinks included. */
export async function filesBelow(
  store: Store,
  commit: Commit,
  paths: readonly RepoPath[],
  git: Git,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const entries of listBelow(store, commit, paths, git))
    for (const entry of entries) found.push(entry);
  return found;
}

function listBelow(store: Store, commit: Commit, paths: readonly RepoPath[], git: Git): Listing {
  return paths.includes("." as RepoPath)
    ? lsTree(store, ["-r", commit], git)
    : lsTreeAt(store, ["-r", commit], [...new Set<string>(paths)], git);
}

/** One batch of entries at a time. */
type Listing = AsyncGenerator<readonly Entry[]>;

/** @throws Problem with git's message about broken trees at and below these paths */
export async function assertTrees(
  store: Store,
  commit: Commit,
  paths: readonly RepoPath[],
  git: Git,
): Promise<void> {
  try {
    for await (const _ of listBelow(store, commit, paths, git));
  } catch (error) {
    throw gitProblem(`Cannot read the trees of ${commit}`, error);
  }
}

/** The entries at the paths, and maybe more; none for no paths. */
async function* lsTreeAt(store: Store, args: readonly string[], paths: readonly string[], git: Git): Listing {
  // An argument cannot hold a name that is not UTF-8; then everything is listed.
  if (!paths.every(isUtf8)) yield* lsTree(store, ["-r", ...args], git);
  else for (const some of chunksOf(paths)) yield* lsTree(store, [...args, "--", ...some], git);
}

async function* lsTree(store: Store, args: readonly string[], git: Git): Listing {
  const listed = recordsOf(git, readingIn(store), ["ls-tree", "-z", "--full-tree", ...args]);
  for await (const records of listed) yield parseLsTree(records);
}

/** Parses records of `git ls-tree -z`: `<mode> <type> <id>\t<path>`. */
export function parseLsTree(records: readonly string[]): Entry[] {
  return records.flatMap((record) => {
    const [, mode, id, path] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(record) ?? [];
    return mode && id && path ? [{ kind: entryKind(mode), id, mode, path }] : [];
  });
}

/** The files that only `to` has, and those that only `base` has. */
export async function addedAndRemoved(
  place: GitPlace,
  base: string,
  to: Commit,
  git: Git,
): Promise<Record<"added" | "removed", ReadonlySet<string>>> {
  const args = ["diff-tree", "-r", "-z", "--name-status", "--no-renames", "--diff-filter=AD", base, to];
  const found = { A: new Set<string>(), D: new Set<string>() };
  let status: string | null = null;
  for await (const fields of recordsOf(git, place, args)) {
    for (const field of fields) {
      if (status === "A" || status === "D") found[status].add(field);
      status = status === null ? field : null;
    }
  }
  return { added: found.A, removed: found.D };
}

/** Two commits, compared at these paths; null: with no commit. */
export interface Range<From = Commit | null> {
  readonly from: From;
  readonly to: Commit;
  readonly paths: readonly RepoPath[];
}

/** The files below the paths that differ between two commits. Reads no blob. */
export async function filesChanged(store: Store, range: Range<Commit>, git: Git): Promise<RepoPath[]> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", range.from, range.to, "--"];
  args.push(...pathspecs(range.paths));
  const changed: RepoPath[] = [];
  for await (const paths of recordsOf(git, readingIn(store), args))
    for (const path of paths) changed.push(path as RepoPath);
  return changed;
}

/** True when `older` is an ancestor of `newer`. */
export async function isAncestor(store: Store, older: Commit, newer: Commit, git: Git): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", older, newer];
  return (await git(readingIn(store), args, { okStatus: [0, 1] })).status === 0;
}

const recentMaxCommits = 1_000;

/**
 * True when the commit is `tip` or among its newest ancestors. The store may lack the commit, so its id is not passed
 * to git, which in a partial clone would try to fetch it.
 */
export async function hasLately(store: Store, tip: Commit, commit: Commit, git: Git): Promise<boolean> {
  const args = ["rev-list", `--max-count=${recentMaxCommits}`, tip];
  const { stdout } = await git(readingIn(store), args);
  return stdout.split("\n").includes(commit);
}

/** Ancestors of `tips` and commits kept for rollbacks whose id starts with `prefix`, newest first. */
export async function findCommits(
  store: Store,
  tips: readonly Commit[],
  prefix: string,
  git: Git,
): Promise<Commit[]> {
  const { stdout } = await git(readingIn(store), ["rev-list", ...tips, keptGlob]);
  return stdout.split("\n").flatMap((line) => (line.startsWith(prefix) ? (parseCommit(line) ?? []) : []));
}

/** Makes git take paths literally instead of as patterns; none means all. */
export function pathspecs(paths: readonly RepoPath[]): string[] {
  return paths.includes("." as RepoPath) ? [] : paths.map((path) => `:(top,literal)${path}`);
}
