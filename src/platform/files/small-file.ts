/** Reads small files that another user may change at any moment. */
import { closeSync, constants, lstatSync, openSync, readSync } from "node:fs";

const maxBytes = 4_096;

/** Null: missing; empty: not a small regular file. */
export function readSmallFile(path: string): string | null {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return null;
  if (!seen.isFile() || seen.size > maxBytes) return "";
  // Its owner may replace it by a pipe or a symlink at any moment.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(maxBytes);
    return buffer.toString("utf8", 0, readSync(fd, buffer, 0, maxBytes, 0));
  } catch {
    return "";
  } finally {
    closeSync(fd);
  }
}
