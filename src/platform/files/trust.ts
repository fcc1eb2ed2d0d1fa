/** Finds paths that only root (or the daemon's own user) can change, and opens files so that they cannot be swapped. */
import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { resultOr } from "./write-whole.ts";

/**
 * The first directory on the way to `path` in which another user could replace the next part, or null. A sticky directory
 * such as /tmp is fine if the next part is ours. Missing parts are skipped.
 */
export function untrustedPart(path: string): string | null {
  for (let directory = dirname(resolve(path)); ; directory = dirname(directory)) {
    if (!isTrusted(directory)) return directory;
    if (directory === "/") return null;
  }
}

function isTrusted(directory: string): boolean {
  const seen = lstatSync(directory, { throwIfNoEntry: false });
  if (seen === undefined) return true;
  if (seen.uid !== 0 && seen.uid !== process.getuid?.()) return false;
  if (seen.isSymbolicLink()) {
    const real = realOf(directory);
    return real !== null && isTrusted(real) && untrustedPart(real) === null;
  }
  return (seen.mode & 0o022) === 0 || (seen.mode & stickyBit) !== 0;
}

/** The path without symlinks; null: it does not exist. */
export function realOf(path: string): string | null {
  return resultOr(null, ["ENOENT", "ENOTDIR", "ELOOP"], () => realpathSync(path));
}

/** As `realOf`; for a missing path, below the real path of its nearest parent. */
export function futureRealOf(path: AbsPath): AbsPath {
  for (let parent: string = path; ; parent = dirname(parent)) {
    const real = realOf(parent);
    if (real !== null) return join(real, relative(parent, path)) as AbsPath;
  }
}

/** From <sys/stat.h>: in such a directory only the owner of a file may rename or remove it. */
export const stickyBit = 0o1000;

/** From <fcntl.h>: the file itself, opened for neither reading nor writing. */
const O_PATH = 0o10000000;

/** An opened path: work on the descriptor affects exactly what was opened; disposing closes it. */
export interface OpenedPath extends Disposable {
  readonly fd: number;
}

/** Null when it leads through a symlink that `isFine` does not accept. */
export function openTrusted(path: string, isFine: (real: string) => boolean): OpenedPath | null {
  const fd = openSync(path, O_PATH);
  const opened = { fd, [Symbol.dispose]: () => closeSync(fd) };
  if (isFine(pathOf(fd))) return opened;
  opened[Symbol.dispose]();
  return null;
}

const deletedMark = " (deleted)";

/**
 * The path of an opened file without symlinks. The kernel marks a mount whose source was deleted or replaced, such as a
 * file that git has replaced: see proc(5), /proc/pid/fd.
 */
export function pathOf(fd: number): string {
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  if (!path.endsWith(deletedMark)) return path;
  const named = lstatSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(fd);
  // A file's name may end so itself.
  return named?.dev === dev && named.ino === ino ? path : path.slice(0, -deletedMark.length);
}
