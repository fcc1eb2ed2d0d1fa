/** Writes files atomically: a reader, or a crash, finds the whole old or the whole new file. */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setAside } from "./set-aside.ts";

/** Writes a file beside it, syncs it, and renames it into place. Removes what killed processes have left beside it. */
export function writeFileAtomic(path: string, text: string, mode = 0o644): void {
  const beside = `${path}.${process.pid}.new`;
  const left = leftoversOf(`${path}.`, /^\d+\.new$/);
  // In a directory such as /tmp other users may have put a file there.
  for (const other of [...left, beside]) rmSync(other, { force: true });
  const fd = openSync(beside, "wx", mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
  syncDirectory(dirname(path));
}

/** Files and directories of this user at `<start><pid>…` whose process has ended; `rest` is what follows `start`. */
export function leftoversOf(start: string, rest: RegExp): string[] {
  const [directory, prefix] = [dirname(start), basename(start)];
  const names = resultOr([], ["ENOENT", "EACCES"], () => readdirSync(directory));
  return names.flatMap((name) => {
    const end = name.slice(prefix.length);
    if (!name.startsWith(prefix) || !rest.test(end) || isRunning(Number.parseInt(end, 10))) return [];
    const path = join(directory, name);
    return lstatSync(path, { throwIfNoEntry: false })?.uid === process.geteuid?.() ? [path] : [];
  });
}

function isRunning(pid: number): boolean {
  return resultOr(false, ["ESRCH"], () => process.kill(pid, 0) || true);
}

/** As `writeFileAtomic`, unless the file has that content already: a full disk does not matter then. */
export function keepFile(path: string, text: string, mode = 0o644): void {
  if (readText(path) !== text) writeFileAtomic(path, text, mode);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    if (!hasCode(error, "EISDIR")) throw error;
    setAside(path, new Date());
    return null;
  }
}

/** Makes a directory's entries durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The result of `work`; `otherwise` when it throws a file system error with one of these codes. */
export function resultOr<T, U>(otherwise: U, codes: readonly string[], work: () => T): T | U {
  try {
    return work();
  } catch (error) {
    if (hasCode(error, ...codes)) return otherwise;
    throw error;
  }
}

/** True for a file system error with one of these codes, such as ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error) ?? "");
}

/** The code of an error of the file system or the network; null: it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error ? String(error.code) : null;
}
