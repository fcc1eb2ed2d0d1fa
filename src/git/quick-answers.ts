/** What git's own commands would say as well, read from the objects without a process each; they are asked where this fails. */
import type { Commit } from "../model/commit.ts";
import { parseCommit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import type { ObjectReader } from "./object-reader.ts";
import { gitModeOf, isTree, type RawEntry, readCommitHead, readTrees } from "./raw-objects.ts";
import { type Entry, entryKind } from "./trees.ts";

/** The tips of these branches, each of which the store has. @throws Error where one is missing */
export async function quickTips(
  reader: ObjectReader,
  branches: readonly string[],
): Promise<ReadonlyMap<string, Commit>> {
  const refs = branches.map((branch) => `refs/remotes/origin/${branch}`);
  // What is in the tips is asked for next.
  const objects = await reader.read([...refs, ...refs.map((ref) => `${ref}^{tree}`)]);
  return new Map(
    branches.map((branch, index) => {
      const commit = objects[index]?.type === "commit" ? parseCommit(objects[index].id) : null;
      if (commit === null) throw new Error(`No commit is at ${branch}`);
      return [branch, commit];
    }),
  );
}

/** As `entriesAt` of `git/trees.ts`. @throws Error */
export async function quickEntries(
  reader: ObjectReader,
  commit: Commit,
  paths: readonly RepoPath[],
): Promise<ReadonlyMap<string, Entry>> {
  const found = new Map<string, Entry>();
  const { tree } = await readCommitHead(reader, commit);
  const wanted = new Set<string>(paths);
  if (wanted.has(".")) found.set(".", { kind: "directory", id: tree, mode: "040000", path: "." });
  const above = new Set(paths.flatMap(parentsOf));
  let level = paths.some((path) => path !== ".") ? [{ path: "", id: tree }] : [];
  while (level.length > 0) {
    const trees = await readTrees(
      reader,
      level.map(({ id }) => id),
    );
    const entries = trees.flatMap((entries, index) =>
      entries.map((entry) => ({ ...entry, path: `${level[index]?.path}${entry.name}` })),
    );
    for (const entry of entries) if (wanted.has(entry.path)) found.set(entry.path, entryOf(entry));
    level = entries.flatMap(({ path, id, mode }) =>
      above.has(path) && isTree({ mode }) ? [{ path: `${path}/`, id }] : [],
    );
  }
  return found;
}

/** `a/b/c` has the parents `a` and `a/b`. */
function parentsOf(path: RepoPath): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function entryOf({ path, id, ...raw }: RawEntry & { readonly path: string }): Entry {
  const mode = gitModeOf(raw);
  return { kind: entryKind(mode), id, mode, path };
}

const nearMaxCommits = 16;

/** True when `older` is among the nearest in the history of `newer`; false says nothing. @throws Error */
export async function isNear(reader: ObjectReader, older: Commit, newer: Commit): Promise<boolean> {
  let level: readonly Commit[] = [newer];
  for (let seen = 0; level.length > 0 && seen < nearMaxCommits; seen += level.length) {
    const heads = await Promise.all(level.map((commit) => readCommitHead(reader, commit)));
    level = [...new Set(heads.flatMap(({ parents }) => parents))];
    if (level.includes(older)) return true;
  }
  return false;
}
