/** Answers questions from objects, without a git process each; git itself answers where this fails. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import { tipRef } from "../fetch/tip-refs.ts";
import type { ObjectReader } from "./object-reader.ts";
import { gitModeOf, isTree, type RawEntry, readCommitHead, readTrees } from "./raw-objects.ts";
import { type Entry, entryKind } from "./trees.ts";

/** The tips of these branches, all of which the store must have. @throws Error when one is missing */
export async function quickTips(
  reader: ObjectReader,
  branches: readonly string[],
): Promise<ReadonlyMap<string, Commit>> {
  const refs = branches.map(tipRef);
  // The next questions are about the tips.
  const objects = await reader.read([...refs, ...refs.map((ref) => `${ref}^{tree}`)]);
  return new Map(
    branches.map((branch, index) => {
      const commit = objects[index]?.type === "commit" ? parseCommit(objects[index].id) : null;
      if (commit === null) throw new Error(`No commit is at ${branch}`);
      return [branch, commit];
    }),
  );
}

/** A wanted path, or one that lies above a wanted path. */
interface PathNode {
  readonly path: string;
  readonly below: Map<string, PathNode>;
}

/** Returns its root, `.`. */
export function pathTree(paths: readonly RepoPath[]): PathNode {
  const root: PathNode = { path: ".", below: new Map() };
  for (const path of paths) {
    let at = root;
    for (const name of path === "." ? [] : path.split("/")) {
      const next = at.below.get(name) ?? {
        path: at === root ? name : `${at.path}/${name}`,
        below: new Map(),
      };
      at.below.set(name, next);
      at = next;
    }
  }
  return root;
}

type Entries = ReadonlyMap<string, Entry>;

/**
 * As `entriesAt` of `git/history/trees.ts`, and with the directories above the paths. `like` are the entries of another
 * commit: trees that it has too are not read. @throws Error
 */
export async function quickEntries(
  reader: ObjectReader,
  commit: Commit,
  paths: PathNode,
  like: Entries | null = null,
): Promise<Entries> {
  const { tree: id } = await readCommitHead(reader, commit);
  const found = new Map<string, Entry>([[".", { kind: "directory", id, mode: "040000", path: "." }]]);
  let level: readonly PathNode[] = [paths];
  while (level.length > 0) {
    const isKnown = ({ path }: PathNode) => like?.get(path)?.id === found.get(path)?.id;
    const [known, news] = [level.filter(isKnown), level.filter((node) => !isKnown(node))];
    for (const node of known) copyBelow(node, like, found);
    const ids = news.map(({ path }) => found.get(path)?.id ?? "");
    const trees = await readTrees(reader, ids);
    level = (await Promise.all(news.map((node, index) => takeBelow(node, trees[index] ?? [], found)))).flat();
  }
  return found;
}

/** Returns what has to be read next. */
async function takeBelow(
  { below }: PathNode,
  entries: Iterable<RawEntry>,
  found: Map<string, Entry>,
): Promise<PathNode[]> {
  const next: PathNode[] = [];
  for await (const batch of inBatches(entries)) {
    for (const entry of batch) {
      const node = below.get(entry.name);
      if (node === undefined) continue;
      const mode = gitModeOf(entry);
      found.set(node.path, { kind: entryKind(mode), id: entry.id, mode, path: node.path });
      if (node.below.size > 0 && isTree(entry)) next.push(node);
    }
  }
  return next;
}

function copyBelow(node: PathNode, from: Entries | null, to: Map<string, Entry>): void {
  for (const child of node.below.values()) {
    const entry = from?.get(child.path);
    if (entry === undefined) continue;
    to.set(child.path, entry);
    copyBelow(child, from, to);
  }
}

const nearMaxCommits = 16;

/** True when `older` is among the nearest ancestors of `newer`; false means unknown. @throws Error */
export async function isNear(reader: ObjectReader, older: Commit, newer: Commit): Promise<boolean> {
  let level: readonly Commit[] = [newer];
  for (let seen = 0; level.length > 0 && seen < nearMaxCommits; seen += level.length) {
    const heads = await Promise.all(level.map((commit) => readCommitHead(reader, commit)));
    level = [...new Set(heads.flatMap(({ parents }) => parents))];
    if (level.includes(older)) return true;
  }
  return false;
}
