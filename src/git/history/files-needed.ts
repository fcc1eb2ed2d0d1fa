/** Finds the files of a commit that a checkout of some links needs. */
import type { RepoPath } from "../../model/path.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import type { ObjectReader } from "./object-reader.ts";
import { pathTree, quickEntries } from "./quick-answers.ts";
import { type ModeRange, rawModes } from "./raw-modes.ts";
import { gitModeOf, readTrees } from "./raw-objects.ts";
import { entryKind } from "./trees.ts";

export interface NeededFile {
  readonly path: string;
  readonly id: string;
}

/** The files at and below the links that `base` lacks or has otherwise. Yields batches; an entry may come twice. @throws Error */
export async function* filesAtLinks(
  reader: ObjectReader,
  range: ModeRange,
): AsyncGenerator<readonly NeededFile[]> {
  for await (const batch of rawModes(reader, range)) yield batch.filter(isFile);
}

/** `filesAtLinks`, and the files beside a link's parents, which cone mode checks out too. */
export async function* filesNeeded(
  reader: ObjectReader,
  range: ModeRange,
): AsyncGenerator<readonly NeededFile[]> {
  yield* filesAtLinks(reader, range);
  if (!range.paths.includes("." as RepoPath)) yield* filesBeside(reader, range);
}

type Files = AsyncIterable<readonly NeededFile[]>;

/** How many files one query is about. */
const filesAtOnce = 512;

/** The same files in fewer batches: a directory each would take too many queries. */
export async function* inQueries(files: Files): AsyncGenerator<readonly NeededFile[]> {
  let waiting: NeededFile[] = [];
  for await (const batch of files) {
    for (const file of batch) waiting.push(file);
    if (waiting.length < filesAtOnce) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

/** The ids that the store lacks. @throws Error */
export async function missingOf(reader: ObjectReader, files: Files): Promise<string[]> {
  const missing = new Set<string>();
  for await (const some of inQueries(files))
    for (const id of await reader.missing(some.map((file) => file.id))) missing.add(id);
  return [...missing];
}

async function* filesBeside(
  reader: ObjectReader,
  { to, paths }: ModeRange,
): AsyncGenerator<readonly NeededFile[]> {
  const parents = [...new Set(["." as RepoPath, ...paths.flatMap(parentsOf)])];
  const entries = await quickEntries(reader, to, pathTree(parents));
  const directories = parents.flatMap((path) => {
    const entry = entries.get(path);
    return entry?.kind === "directory" ? [entry] : [];
  });
  const ids = directories.map(({ id }) => id);
  const trees = await readTrees(reader, ids);
  for (const [index, { path }] of directories.entries()) {
    const prefix = path === "." ? "" : `${path}/`;
    for await (const batch of inBatches(trees[index] ?? []))
      yield batch.filter(isFile).map(({ name, id }) => ({ path: prefix + name, id }));
  }
}

function isFile({ mode }: { readonly mode: string }): boolean {
  const kind = entryKind(gitModeOf({ mode }));
  return kind === "file" || kind === "symlink";
}

/** `a/b/c` has the parents `a` and `a/b`. */
function parentsOf(link: RepoPath): RepoPath[] {
  const parts = link.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") as RepoPath);
}
