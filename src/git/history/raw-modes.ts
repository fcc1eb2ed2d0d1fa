/** The modes of a commit's entries as its trees have them; all git commands print normalised modes. */
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import {
  createYieldToEventLoop,
  inBatches,
  type YieldToEventLoop,
} from "../../platform/yield-to-event-loop.ts";
import { isAtLink } from "../checkout/attributes.ts";
import type { ObjectReader } from "./object-reader.ts";
import { isTree, type RawEntry, readCommitHead, readTrees } from "./raw-objects.ts";

export interface RawMode {
  readonly path: string;
  /** Six digits: `100644`, `040000`, or any other that the tree has. */
  readonly mode: string;
  readonly id: string;
}

export interface ModeRange {
  readonly base: Commit | null;
  readonly to: Commit;
  readonly paths: readonly RepoPath[];
  /** Returns true for directories that need not be read. */
  readonly skips?: (directory: string) => boolean;
}

/** Trees can reference each other so that a small commit has more paths than memory can hold. */
const entriesMax = 1_000_000;
const treesAtOnce = 256;

/**
 * The entries at or below the paths, in trees that `base` lacks or has otherwise; null: in all trees. Yields batches; an
 * entry may come twice. @throws Error, and Problem when there are too many
 */
export async function* rawModes(
  reader: ObjectReader,
  range: ModeRange,
  yieldToEventLoop = createYieldToEventLoop(),
): AsyncGenerator<readonly RawMode[]> {
  const { base, to } = range;
  try {
    const root = { path: "", to: await treeOf(reader, to), base: base && (await treeOf(reader, base)) };
    yield* changedBelow(reader, root, range, yieldToEventLoop);
  } catch (error) {
    // When the store has lost the base, everything counts.
    if (base === null || error instanceof Problem) throw error;
    yield* rawModes(reader, { ...range, base: null }, yieldToEventLoop);
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

/** Level by level, only where the two differ. */
async function* changedBelow(
  reader: ObjectReader,
  root: Pair,
  { to, paths, skips = () => false }: ModeRange,
  yieldToEventLoop: YieldToEventLoop,
): AsyncGenerator<readonly RawMode[]> {
  const pairs: Pair[] = root.to === root.base ? [] : [root];
  let entries = 0;
  while (pairs.length > 0) {
    const wanted = pairs
      .splice(0, treesAtOnce)
      .filter(({ path }) => path === "" || !skips(path.slice(0, -1)));
    for (const read of await readPairs(reader, wanted)) {
      for await (const batch of inBatches(besides(read), yieldToEventLoop)) {
        entries += batch.length;
        const tooMany = `its trees have more than ${entriesMax} entries; split it`;
        if (entries > entriesMax) throw new Problem("git", `Cannot use ${to}: ${tooMany}`);
        const { modes, inner } = compareEntries(read.path, batch, paths);
        yield modes;
        for (const pair of inner) pairs.push(pair);
      }
    }
  }
}

interface Read {
  readonly path: string;
  readonly now: Iterable<RawEntry>;
  readonly before: Iterable<RawEntry>;
}

async function readPairs(reader: ObjectReader, pairs: readonly Pair[]): Promise<Read[]> {
  const ids = [...new Set(pairs.flatMap(({ to, base }) => (base === null ? [to] : [to, base])))];
  const read = await readTrees(reader, ids);
  const trees = new Map(ids.map((id, index) => [id, read[index] ?? []]));
  const entriesOf = (id: string | null) => (id === null ? [] : (trees.get(id) ?? []));
  return pairs.map(({ path, to, base }) => ({ path, now: entriesOf(to), before: entriesOf(base) }));
}

interface Beside {
  /** Null at a step that is about `old` only. */
  readonly entry: RawEntry | null;
  readonly old: RawEntry | undefined;
}

/** Walks both side by side, because git sorts trees. In an unsorted tree an unchanged entry may count as new. */
function* besides({ now, before }: Pick<Read, "now" | "before">): Generator<Beside> {
  const olds = before[Symbol.iterator]();
  let old = olds.next();
  for (const entry of now) {
    for (; !old.done && sortedAs(old.value) < sortedAs(entry); old = olds.next())
      yield { entry: null, old: old.value };
    yield { entry, old: !old.done && old.value.name === entry.name ? old.value : undefined };
  }
}

/** Git sorts a directory's name as if it had a slash at its end. */
function sortedAs(entry: RawEntry): string {
  return isTree(entry) ? `${entry.name}/` : entry.name;
}

/** Above the paths, unchanged entries are skipped. */
function compareEntries(
  above: string,
  batch: readonly Beside[],
  paths: readonly RepoPath[],
): { readonly modes: RawMode[]; readonly inner: Pair[] } {
  const modes: RawMode[] = [];
  const inner: Pair[] = [];
  const isInside = above !== "" && isAtLink(above.slice(0, -1), paths);
  for (const { entry, old } of batch) {
    // Most directories are, and there may be many paths.
    if (entry === null || (!isInside && old?.id === entry.id && old.mode === entry.mode)) continue;
    const path = above + entry.name;
    const isAt = isInside || isAtLink(path, paths);
    if (isAt) modes.push({ path, mode: entry.mode, id: entry.id });
    const leadsThere = isAt || paths.some((link) => link.startsWith(`${path}/`));
    const pair = leadsThere ? pairOf(path, entry, old) : null;
    if (pair !== null) inner.push(pair);
  }
  return { modes, inner };
}

/** Null: nothing to compare with. */
function pairOf(path: string, entry: RawEntry, old: RawEntry | undefined): Pair | null {
  if (!isTree(entry) || old?.id === entry.id) return null;
  return { path: `${path}/`, to: entry.id, base: old && isTree(old) ? old.id : null };
}
