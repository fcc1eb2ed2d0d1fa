/**
 * The pointer of a checkout: a file that names its git directory. It is `.git` in the checkout, where every git finds
 * it, or a file beside a checkout that is mounted as a whole.
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
import { Problem } from "../../model/problem.ts";
import { Directory } from "../../platform/files/directory.ts";
import { readSmallFile } from "../../platform/files/small-file.ts";
import { futureRealOf, untrustedPart } from "../../platform/files/trust.ts";
import { keepFile, syncDirectory } from "../../platform/files/write-whole.ts";

/**
 * The pointer's text. Null: there is none. Empty: it is not a small regular file, or the checkout has another `.git`
 * and is a repository that gitopper did not make.
 */
export function readPointer(checkout: AbsPath): string | null {
  const inside = readInside(checkout);
  const beside = existsSync(checkout) ? readBeside(checkout) : null;
  if (beside === null) return inside;
  return inside === null || inside === beside ? beside : "";
}

/** The git directory of the checkout; null without a pointer. */
export function gitDirOf(checkout: AbsPath): string | null {
  return parsePointer(readPointer(checkout));
}

/** @throws Problem without a pointer */
export function requiredGitDir(checkout: AbsPath): string {
  const gitDir = gitDirOf(checkout);
  if (gitDir !== null) return gitDir;
  const what = `${JSON.stringify(checkout)} has lost the file that names its git directory`;
  throw new Problem("git", what, { code: "store-damaged" });
}

/** The same without symlinks: git records the real path, and the state directory may have been moved. */
export function realGitDirOf(checkout: AbsPath): AbsPath | null {
  return realOf(readPointer(checkout));
}

/** The same, if the pointer is beside the checkout, where git cannot find it; otherwise null. */
export function gitDirBeside(checkout: AbsPath): string | null {
  return parsePointer(readBeside(checkout));
}

function readInside(checkout: AbsPath): string | null {
  return readSmallFile(join(checkout, ".git"));
}

/** In a directory such as /tmp other users may have put a file there. */
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
 * Moves a pointer to one of our stores to where it belongs with these links; the `.git` of another repository stays.
 * After a crash the pointer may be in both places, which the next call mends. @throws Error of the file system
 */
export function placePointer(checkout: AbsPath, links: readonly RepoPath[], storesDir: AbsPath): void {
  if (links.includes("." as RepoPath)) putBeside(checkout, storesDir);
  else putInside(checkout);
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

/** Puts the pointer into the checkout, for one that is removed, set aside, or no longer mounted as a whole. */
export function putInside(checkout: AbsPath): void {
  const text = readBeside(checkout);
  if (text === null) return;
  if (existsSync(checkout) && readInside(checkout) === null) writeInside(checkout, text);
  removeBeside(checkout);
}

/** The owner is that of the checkout, because git does not accept another user's pointer. */
function writeInside(checkout: AbsPath, text: string): void {
  using directory = Directory.open(checkout, anyOwner);
  const { uid, gid } = fstatSync(directory.fd);
  using file = new DisposableStack();
  const fd = file.adopt(openSync(directory.at(".git"), asNewFile, 0o644), closeSync);
  writeSync(fd, text);
  fchownSync(fd, uid, gid);
  fsyncSync(fd);
  fsyncSync(directory.fd);
}

/** Removes the pointer beside the checkout, if it is ours. */
export function removeBeside(checkout: AbsPath): void {
  if (readBeside(checkout) === null) return;
  rmSync(pointerBeside(checkout), { force: true });
  syncDirectory(dirname(checkout));
}
