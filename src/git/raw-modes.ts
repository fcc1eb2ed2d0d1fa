/** The modes of a commit's entries as its trees have them: all other commands of git show what it would make of them. */
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import { isAtLink } from "./attributes.ts";
import type { ObjectReader } from "./object-reader.ts";
import { isTree, type RawEntry, readCommitHead, readTrees } from "./raw-objects.ts";

export interface RawMode {
  readonly path: string;
  /** Six digits: `100644`, `040000`, or whatever somebody has put there. */
  readonly mode: string;
  readonly id: string;
}

export interface ModeRange {
  readonly base: Commit | null;
  readonly to: Commit;
  readonly paths: readonly RepoPath[];
}

/** Trees can name one another so that a small commit has more paths than any memory. */
const entriesMax = 1_000_000;
const treesAtOnce = 256;

/** What is at or below the paths, in the trees that `base` has not or has otherwise; null: in all. @throws Error, and Problem where there are too many */
export async function rawModes(reader: ObjectReader, range: ModeRange): Promise<RawMode[]> {
  const { base, to } = range;
  try {
    const root = { path: "", to: await treeOf(reader, to), base: base && (await treeOf(reader, base)) };
    return await changedBelow(reader, root, range);
  } catch (error) {
    // The store may have lost the base; then all of it counts.
    if (base !== null && !(error instanceof Problem)) return rawModes(reader, { ...range, base: null });
    throw error;
  }
}

async function treeOf(reader: ObjectReader, commit: Commit): Promise<string> {
  return (await readCommitHead(reader, commit)).tree;
}

interface Pair {
  /** With a slash at its end; the root's is empty. */
  readonly path: string;
  readonly to: string;
  readonly base: string | null;
}

/** Level by level, and only where the two differ. */
async function changedBelow(reader: ObjectReader, root: Pair, { to, paths }: ModeRange): Promise<RawMode[]> {
  const found: RawMode[] = [];
  const pairs: Pair[] = root.to === root.base ? [] : [root];
  let entries = 0;
  while (pairs.length > 0) {
    for (const read of await readPairs(reader, pairs.splice(0, treesAtOnce))) {
      entries += read.now.length;
      if (entries > entriesMax)
        throw new Problem(
          "git",
          `Cannot use ${to}: its trees have more than ${entriesMax} entries; split it`,
        );
      const { modes, inner } = compareTrees(read, paths);
      for (const mode of modes) found.push(mode);
      for (const pair of inner) pairs.push(pair);
    }
  }
  return found;
}

interface Read {
  readonly path: string;
  readonly now: readonly RawEntry[];
  readonly before: readonly RawEntry[];
}

async function readPairs(reader: ObjectReader, pairs: readonly Pair[]): Promise<Read[]> {
  const ids = pairs.flatMap(({ to, base }) => (base === null ? [to] : [to, base]));
  const unique = [...new Set(ids)];
  const trees = await readTrees(reader, unique);
  const entriesOf = (id: string | null) => (id === null ? [] : (trees[unique.indexOf(id)] ?? []));
  return pairs.map(({ path, to, base }) => ({ path, now: entriesOf(to), before: entriesOf(base) }));
}

/** Above the paths, what is as it was is not news. */
function compareTrees(
  { path: above, now, before }: Read,
  paths: readonly RepoPath[],
): { readonly modes: RawMode[]; readonly inner: Pair[] } {
  const modes: RawMode[] = [];
  const inner: Pair[] = [];
  const had = new Map(before.map((entry) => [entry.name, entry]));
  const isInside = above !== "" && isAtLink(above.slice(0, -1), paths);
  for (const entry of now) {
    const old = had.get(entry.name);
    // Most are, and there may be many paths.
    if (!isInside && old?.id === entry.id && old.mode === entry.mode) continue;
    const path = above + entry.name;
    const isAt = isInside || isAtLink(path, paths);
    if (isAt) modes.push({ path, mode: entry.mode, id: entry.id });
    if (!isTree(entry) || old?.id === entry.id || !(isAt || leadsTo(path, paths))) continue;
    inner.push({ path: `${path}/`, to: entry.id, base: old && isTree(old) ? old.id : null });
  }
  return { modes, inner };
}

function leadsTo(path: string, paths: readonly RepoPath[]): boolean {
  return paths.some((link) => link.startsWith(`${path}/`));
}
