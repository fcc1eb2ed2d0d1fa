/** Takes files out of a checkout as root: through directories that are held open, and nothing that is mounted there. */
import type { Stats } from "node:fs";
import { basename, dirname } from "node:path";
import type { AbsPath } from "../model/path.ts";
import { HeldDirectory } from "../platform/held-directory.ts";
import { lstatInside } from "./in-the-way.ts";

/** A file or symlink as it was when it was looked at. */
export interface FileThere {
  readonly path: string;
  readonly stats: Stats;
}

/** Those of the paths that are a file or a symlink. */
export function filesThere(checkout: AbsPath, paths: readonly string[]): FileThere[] {
  return paths.flatMap((path) => {
    const stats = lstatInside(checkout, path);
    return stats?.isFile() || stats?.isSymbolicLink() ? [{ path, stats }] : [];
  });
}

/**
 * Removes them, but for those that have changed since then. Directories that become empty go too, if `mayGo` says so
 * of their path.
 */
export function removeFiles(
  checkout: AbsPath,
  files: readonly FileThere[],
  mayGo: (directory: string) => boolean = () => false,
): void {
  using top = HeldDirectory.open(checkout);
  const mount = top?.mountId();
  for (const { path, stats } of files) {
    using parent = HeldDirectory.below(checkout, dirname(path));
    if (parent === null || parent.mountId() !== mount) continue;
    const name = basename(path);
    const now = parent.lstat(name);
    if (now?.ino !== stats.ino || now.ctimeMs !== stats.ctimeMs) continue;
    parent.unlink(name);
    removeEmptyAbove(checkout, path, mayGo);
  }
}

function removeEmptyAbove(checkout: AbsPath, path: string, mayGo: (directory: string) => boolean): void {
  for (let emptied = dirname(path); mayGo(emptied); emptied = dirname(emptied)) {
    using parent = HeldDirectory.below(checkout, dirname(emptied));
    if (!parent?.removeEmpty(basename(emptied))) return;
  }
}
