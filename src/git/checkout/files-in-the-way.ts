/** What is on disk where git is about to write. Only reads, and never through a symlink, because others can change the path. */
import { type Dirent, lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { encodePath, showPath } from "../../model/text/path-bytes.ts";
import { type Listed, listDirectory } from "../../platform/files/list-directory.ts";
import { hasCode, resultOr } from "../../platform/files/write-whole.ts";
import {
  createYieldToEventLoop,
  inBatches,
  type YieldToEventLoop,
} from "../../platform/yield-to-event-loop.ts";

const entriesMax = 100_000;

/**
 * The files and symlinks that have to go before git can write these paths: at a path, in place of one of its parents,
 * or below it. @throws Problem when a patch cannot hold one of them
 */
export async function filesInTheWay(
  checkout: AbsPath,
  paths: Iterable<string>,
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<string[]> {
  const known: Known = new Map();
  const found = new Set<string>();
  const take = async (path: string) => {
    const met = meet(checkout, path, known);
    if (met?.stats.isDirectory()) await addBelow(found, checkout, met.path, yieldToEventLoop);
    else if (met && holdsContent(met.stats)) found.add(met.path);
  };
  for await (const batch of inBatches(paths, yieldToEventLoop)) for (const path of batch) await take(path);
  return [...found];
}

/** The stats of a path in the checkout; undefined when nothing is there, or a symlink is on the way. */
export function lstatInside(checkout: AbsPath, path: string): Stats | undefined {
  const met = meet(checkout, path);
  return met?.path === path ? met.stats : undefined;
}

type Known = Map<string, Stats | undefined>;

/** Walks down to the path, and stops at the first entry that is not a directory. */
function meet(
  checkout: AbsPath,
  path: string,
  known: Known = new Map(),
): { readonly path: string; readonly stats: Stats } | null {
  const parts = path.split("/");
  // Git refuses such a path in a commit itself, but later.
  if (parts.includes("..")) return null;
  for (let depth = 1; depth <= parts.length; depth++) {
    const prefix = parts.slice(0, depth).join("/");
    const stats = known.has(prefix) ? known.get(prefix) : lstatOrNothing(join(checkout, prefix));
    // The other paths are below it.
    if (depth < parts.length) known.set(prefix, stats);
    if (stats === undefined) return null;
    if (depth === parts.length || !stats.isDirectory()) return { path: prefix, stats };
  }
  return null;
}

function lstatOrNothing(path: string): Stats | undefined {
  const lstat = () => lstatSync(encodePath(path), { throwIfNoEntry: false });
  return resultOr(undefined, ["ENOTDIR", "ENAMETOOLONG"], lstat);
}

async function addBelow(
  found: Set<string>,
  checkout: AbsPath,
  top: string,
  yieldToEventLoop: YieldToEventLoop,
): Promise<void> {
  const directories = [top];
  let entries = 0;
  const take = (directory: string, { name, entry }: Listed) => {
    if (++entries > entriesMax)
      throw unsavable(checkout, `${JSON.stringify(showPath(top))} has more than ${entriesMax} files`);
    // Git treats a nested repository as one entry, and would delete it with its history.
    if (name === ".git")
      throw unsavable(checkout, `${JSON.stringify(showPath(directory))} is a repository of its own`);
    const path = `${directory}/${name}`;
    if (entry.isDirectory()) directories.push(path);
    else if (holdsContent(entry)) found.add(path);
  };
  for (const directory of directories)
    for await (const batch of inBatches(entriesOf(join(checkout, directory)), yieldToEventLoop))
      for (const named of batch) take(directory, named);
}

function* entriesOf(directory: string): Generator<Listed> {
  try {
    yield* listDirectory(encodePath(directory));
  } catch (error) {
    // Another process removed it meanwhile.
    if (hasCode(error, "ENOENT", "ENOTDIR")) return;
    throw error;
  }
}

/** Sockets and the like have no content to lose. */
function holdsContent(seen: Stats | Dirent): boolean {
  return seen.isFile() || seen.isSymbolicLink();
}

function unsavable(checkout: AbsPath, what: string): Problem {
  const where = JSON.stringify(checkout);
  return new Problem("git", `Cannot save the local edits in ${where}: ${what}; move it away`, {
    code: "local-edits",
  });
}
