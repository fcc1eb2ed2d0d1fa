/** A cheap fingerprint of a checkout's files: while it does not change, git need not search for local edits. */
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import type { AbsPath } from "../../model/path.ts";
import { encodePath } from "../../model/text/path-bytes.ts";
import { type Listed, listDirectory } from "../../platform/files/list-directory.ts";
import { createYieldToEventLoop, inBatches } from "../../platform/yield-to-event-loop.ts";

// With more entries, git runs each time.
const entriesMax = 100_000;
/** How much is hashed at once. */
const partChars = 16 * 1024;

/**
 * Made from names, inodes and change times: the kernel updates the change time with content, mode and owner, and no
 * program can set it back. Null: too many files, or some are not readable.
 */
export async function stampOf(
  checkout: AbsPath,
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<string | null> {
  const hash = createHash("sha1");
  let part = "";
  let entries = 0;
  const walk = async (directory: string): Promise<void> => {
    const all = listDirectory(encodePath(directory));
    for await (const batch of inBatches(all, yieldToEventLoop))
      for (const listed of batch) await take(directory, listed);
  };
  const take = async (directory: string, { name }: Listed): Promise<void> => {
    if (name === ".git" && directory === checkout) return;
    const path = `${directory}/${name}`;
    const stats = lstatSync(encodePath(path));
    if (++entries > entriesMax) throw new RangeError("too many files");
    part += `${path}\0${stats.ino}\0${stats.ctimeMs}\0`;
    if (part.length > partChars) {
      hash.update(part);
      part = "";
    }
    if (stats.isDirectory()) await walk(path);
  };
  try {
    await walk(checkout);
  } catch {
    return null;
  }
  return hash.update(part).digest("base64");
}
