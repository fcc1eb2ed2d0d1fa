/** What is on disk where git is about to write. Only looks, and never through a symlink: others can change the place. */
import { type Dirent, lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { AbsPath } from "../model/path.ts";
import { decodePath, encodePath, showPath } from "../model/path-bytes.ts";
import { Problem } from "../model/problem.ts";
import { hasCode } from "../platform/files.ts";
import { listDirectory } from "../platform/list-directory.ts";

const entriesMax = 100_000;

/**
 * The files and symlinks that have to go before git can write these paths: what is at a path, in place of a parent
 * of it, or below it. @throws Problem when they are something that no patch can hold
 */
export function filesInTheWay(checkout: AbsPath, paths: Iterable<string>): string[] {
  const known: Known = new Map();
  const found = new Set<string>();
  for (const path of paths) {
    const met = meet(checkout, path, known);
    if (met === null) continue;
    if (met.stats.isDirectory()) for (const file of filesBelow(checkout, met.path)) found.add(file);
    else if (holdsContent(met.stats)) found.add(met.path);
  }
  return [...found];
}

/** What is at a path of the checkout; undefined where nothing is, or a symlink on the way. */
export function lstatInside(checkout: AbsPath, path: string): Stats | undefined {
  const met = meet(checkout, path);
  return met?.path === path ? met.stats : undefined;
}

type Known = Map<string, Stats | undefined>;

/** Goes down to the path, and no further than the first thing that is no directory. */
function meet(
  checkout: AbsPath,
  path: string,
  known: Known = new Map(),
): { readonly path: string; readonly stats: Stats } | null {
  const parts = path.split("/");
  // Git refuses such a path of a commit itself, but later.
  if (parts.includes("..")) return null;
  for (let depth = 1; depth <= parts.length; depth++) {
    const prefix = parts.slice(0, depth).join("/");
    if (!known.has(prefix)) known.set(prefix, lstatOrNothing(join(checkout, prefix)));
    const stats = known.get(prefix);
    if (stats === undefined) return null;
    if (depth === parts.length || !stats.isDirectory()) return { path: prefix, stats };
  }
  return null;
}

function lstatOrNothing(path: string): Stats | undefined {
  try {
    return lstatSync(encodePath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

interface NamedEntry {
  readonly name: string;
  readonly entry: Dirent;
}

function filesBelow(checkout: AbsPath, top: string): string[] {
  const files: string[] = [];
  const directories = [top];
  let entries = 0;
  for (const directory of directories) {
    for (const { name, entry } of entriesOf(join(checkout, directory))) {
      if (++entries > entriesMax)
        throw unsavable(checkout, `${JSON.stringify(showPath(top))} has more than ${entriesMax} files`);
      // Git takes a repository inside another for one file, and would delete it with all its history.
      if (name === ".git")
        throw unsavable(checkout, `${JSON.stringify(showPath(directory))} is a repository of its own`);
      const path = `${directory}/${name}`;
      if (entry.isDirectory()) directories.push(path);
      else if (holdsContent(entry)) files.push(path);
    }
  }
  return files;
}

function* entriesOf(directory: string): Generator<NamedEntry> {
  try {
    for (const { name, entry } of listDirectory(encodePath(directory)))
      yield { name: decodePath(name), entry };
  } catch (error) {
    // Somebody was quicker.
    if (hasCode(error, "ENOENT", "ENOTDIR")) return;
    throw error;
  }
}

/** A socket or the like holds nothing that could be lost. */
function holdsContent(seen: Stats | Dirent): boolean {
  return seen.isFile() || seen.isSymbolicLink();
}

function unsavable(checkout: AbsPath, what: string): Problem {
  const where = JSON.stringify(checkout);
  return new Problem("git", `Cannot save the local edits in ${where}: ${what}; move it away`);
}
