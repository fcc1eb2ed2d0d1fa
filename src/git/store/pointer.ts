/**
 * The pointer of a checkout, a file that names its administration: `.git` in the checkout, where every git finds it, or
 * beside a checkout that is mounted as a whole.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type AbsPath, isAtOrBelow, parseAbsPath, type RepoPath } from "../../model/path.ts";
import { parsePointer, pointerBeside } from "../../model/pointer.ts";
import { Directory } from "../../platform/files/directory.ts";
import { readSmallFile } from "../../platform/files/small-file.ts";
import { futureRealOf, untrustedPart } from "../../platform/files/trust.ts";
import { keepFile, syncDirectory } from "../../platform/files/write-whole.ts";

export type PointerPlace = "inside" | "beside";

/** Where the pointer of a checkout with these links belongs. */
export function pointerPlace(links: readonly RepoPath[]): PointerPlace {
  return links.includes("." as RepoPath) ? "beside" : "inside";
}

/**
 * Its text, wherever it lies; null where there is none, empty where it is not a small plain file, or where the checkout
 * has another `.git`: then it is a repository of somebody else's.
 */
export function readPointer(checkout: AbsPath): string | null {
  const inside = readInside(checkout);
  const beside = existsSync(checkout) ? readBeside(checkout) : null;
  if (beside === null) return inside;
  return inside === null || inside === beside ? beside : "";
}

/** Where git keeps what it knows of the checkout; null where there is no pointer to it. */
export function gitDirOf(checkout: AbsPath): string | null {
  return parsePointer(readPointer(checkout));
}

/** The same without symlinks: git writes the real path down, and somebody may have moved the state directory. */
export function realGitDirOf(checkout: AbsPath): AbsPath | null {
  return realOf(readPointer(checkout));
}

/** The same where git cannot find it by itself; null where it can. */
export function gitDirBeside(checkout: AbsPath): string | null {
  return parsePointer(readBeside(checkout));
}

function readInside(checkout: AbsPath): string | null {
  return readSmallFile(join(checkout, ".git"));
}

/** In a directory such as /tmp others may have put something there. */
function readBeside(checkout: AbsPath): string | null {
  const path = pointerBeside(checkout);
  const seen = lstatSync(path, { throwIfNoEntry: false });
  return seen === undefined || seen.uid !== process.getuid?.() ? null : readSmallFile(path);
}

function realOf(pointer: string | null): AbsPath | null {
  const path = parseAbsPath(parsePointer(pointer) ?? "");
  return path && futureRealOf(path);
}

/**
 * Moves a pointer into our stores to its place; one of somebody else's repository stays. Cut off, it is at both, and
 * the next move ends it. @throws Error of the file system
 */
export function placePointer(checkout: AbsPath, place: PointerPlace, storesDir: AbsPath): void {
  if (place === "inside") putInside(checkout);
  else putBeside(checkout, storesDir);
}

function putBeside(checkout: AbsPath, storesDir: AbsPath): void {
  const text = readInside(checkout);
  const gitDir = realOf(text);
  if (text === null || gitDir === null || !isAtOrBelow(gitDir, storesDir)) return;
  if (untrustedPart(checkout) !== null) return;
  keepFile(pointerBeside(checkout), text);
  using directory = Directory.open(checkout, anyOwner);
  unlinkSync(directory.at(".git"));
}

const anyOwner = 0;
const asNewFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** As git itself has it, for a checkout that is removed, set aside, or not mounted as a whole any more. */
export function putInside(checkout: AbsPath): void {
  const text = readBeside(checkout);
  if (text === null) return;
  if (existsSync(checkout) && readInside(checkout) === null) writeInside(checkout, text);
  removeBeside(checkout);
}

/** Its owner is the checkout's: git takes no pointer of somebody else. */
function writeInside(checkout: AbsPath, text: string): void {
  using directory = Directory.open(checkout, anyOwner);
  const { uid, gid } = fstatSync(directory.fd);
  const fd = openSync(directory.at(".git"), asNewFile, 0o644);
  try {
    writeSync(fd, text);
    fchownSync(fd, uid, gid);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  fsyncSync(directory.fd);
}

/** Where there is one of ours. */
export function removeBeside(checkout: AbsPath): void {
  if (readBeside(checkout) === null) return;
  rmSync(pointerBeside(checkout), { force: true });
  syncDirectory(dirname(checkout));
}
