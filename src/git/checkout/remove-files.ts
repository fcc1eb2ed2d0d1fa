/** Removes files from a checkout as root, through directories held open, and nothing that is mounted there. */
import type { Stats } from "node:fs";
import { basename, dirname } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import { lstatInside } from "./files-in-the-way.ts";

/** A file or symlink with the stats that were seen. */
export interface SeenFile {
  readonly path: string;
  readonly stats: Stats;
}

/** The paths that are a file or a symlink. */
export async function seenFiles(checkout: AbsPath, paths: readonly string[]): Promise<SeenFile[]> {
  const there: SeenFile[] = [];
  for await (const batch of inBatches(paths)) {
    for (const path of batch) {
      const stats = lstatInside(checkout, path);
      if (stats?.isFile() || stats?.isSymbolicLink()) there.push({ path, stats });
    }
  }
  return there;
}

/**
 * Removes the files, except those that have changed meanwhile. Directories that become empty are removed if `mayGo`
 * returns true for their path.
 */
export async function removeFiles(
  checkout: AbsPath,
  files: readonly SeenFile[],
  mayGo: (directory: string) => boolean = () => false,
): Promise<void> {
  using top = HeldDirectory.find(checkout);
  const mount = top?.mountId();
  const remove = ({ path, stats }: SeenFile) => {
    using parent = HeldDirectory.below(checkout, dirname(path));
    if (parent === null || parent.mountId() !== mount) return;
    const name = basename(path);
    const now = parent.lstat(name);
    if (now?.ino !== stats.ino || now.ctimeMs !== stats.ctimeMs) return;
    parent.unlink(name);
    removeEmptyAbove(checkout, path, mayGo);
  };
  for await (const batch of inBatches(files)) for (const file of batch) remove(file);
}

function removeEmptyAbove(checkout: AbsPath, path: string, mayGo: (directory: string) => boolean): void {
  for (let emptied = dirname(path); mayGo(emptied); emptied = dirname(emptied)) {
    using parent = HeldDirectory.below(checkout, dirname(emptied));
    if (!parent?.removeEmpty(basename(emptied))) return;
  }
}
