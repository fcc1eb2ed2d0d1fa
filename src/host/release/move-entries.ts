/**
 * Moves the entries of directories that only root works in. What is in `kept` stays where it is, with the directories on
 * the way: these are mount points, and cannot be renamed. Of other directories that rename(2) refuses, the entries move.
 */
import { closeSync, openSync, renameSync } from "node:fs";
import { asPlainFile } from "../../platform/files/directory.ts";
import type { HeldDirectory } from "../../platform/files/held-directory.ts";
import { resultOr } from "../../platform/files/write-whole.ts";
import type { Trees } from "./programs.ts";

export interface Moving {
  readonly from: HeldDirectory;
  readonly to: HeldDirectory;
  /** Paths below both. */
  readonly kept: readonly string[];
}

/** How entries that cannot be renamed are dealt with. */
interface Ways {
  readonly directory: (moving: Moving) => Promise<void>;
  readonly file: (name: string) => Promise<void>;
}

/** Takes everything out of `from`, but `except`; of what stays, copies. */
export async function moveOut(moving: Moving, trees: Trees, except = ""): Promise<void> {
  await moveEach(moving, except, {
    directory: async (inner) => {
      await moveOut(inner, trees);
      await trees.copyAttributes(inner.from.fd, inner.to.fd);
    },
    file: (name) => copyFile(moving, name, trees),
  });
}

/** Puts everything into its place; what is there already gets the content, and the attributes of directories. */
export async function moveIn(moving: Moving, trees: Trees): Promise<void> {
  await moveEach(moving, "", {
    directory: (inner) => moveIn(inner, trees),
    file: (name) => copyFile(moving, name, trees),
  });
  await trees.copyAttributes(moving.from.fd, moving.to.fd);
}

/** Undoes `moveOut`. */
export async function moveBack(moving: Moving): Promise<void> {
  await moveEach(moving, "", { directory: moveBack, file: async () => {} });
}

async function moveEach(moving: Moving, except: string, ways: Ways): Promise<void> {
  const { from, to, kept } = moving;
  for (const { name } of [...from.entries()]) {
    if (name === except) continue;
    const inner = within(kept, name);
    const isDirectory = from.lstat(name)?.isDirectory() === true;
    if (inner === null && rename(moving, name, isDirectory)) continue;
    if (!isDirectory) {
      await ways.file(name);
      continue;
    }
    using here = from.enter(name);
    using there = to.make(name);
    if (here !== null) await ways.directory({ from: here, to: there, kept: inner ?? [] });
    if (inner === null) from.removeEmpty(name);
  }
}

/**
 * False: its entries have to be moved. An overlay renames no directory of its lower layers (EXDEV), and a directory that
 * was moved in part is in both places.
 */
function rename({ from, to }: Moving, name: string, isDirectory: boolean): boolean {
  return resultOr(false, isDirectory ? ["EXDEV", "ENOTEMPTY", "EEXIST"] : [], () => {
    renameSync(from.at(name), to.at(name));
    return true;
  });
}

/** The paths of `kept` below an entry; null: it is no mount point, and none is below it. */
function within(kept: readonly string[], name: string): string[] | null {
  const those = kept.filter((path) => path === name || path.startsWith(`${name}/`));
  return those.length === 0 ? null : those.map((path) => path.slice(name.length + 1)).filter(Boolean);
}

async function copyFile({ from, to }: Moving, name: string, trees: Trees): Promise<void> {
  const fd = openSync(from.at(name), asPlainFile);
  try {
    await trees.copy({ fd, file: true }, { fd: to.fd, path: name });
  } finally {
    closeSync(fd);
  }
}
