/** Reads small files of which others may make anything at any moment. */
import { closeSync, constants, lstatSync, openSync, readSync } from "node:fs";

const maxBytes = 4_096;

/** Null where there is none, empty where it is not a small plain file. */
export function readSmallFile(path: string): string | null {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return null;
  if (!seen.isFile() || seen.size > maxBytes) return "";
  // Its owner may put a pipe or a symlink there at any moment.
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
