/** A cheap fingerprint of a checkout's files: unchanged, so there is no need to ask git about local edits. */
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import type { AbsPath } from "../model/path.ts";
import { decodePath, encodePath } from "../model/path-bytes.ts";
import { listDirectory } from "../platform/list-directory.ts";

const entriesMax = 100_000;

/**
 * From names, inodes and change times: the kernel sets the change time with every change of content, mode or owner,
 * and no program can set it back. Null when it cannot be told (too many files, or some not readable).
 */
export function stampOf(checkout: AbsPath): string | null {
  const seen: (string | number)[] = [];
  const walk = (directory: string): void => {
    for (const listed of listDirectory(encodePath(directory))) {
      const name = decodePath(listed.name);
      if (name === ".git" && directory === checkout) continue;
      const path = `${directory}/${name}`;
      const stats = lstatSync(encodePath(path));
      if (seen.push(path, stats.ino, stats.ctimeMs) > 3 * entriesMax) throw new RangeError("too many files");
      if (stats.isDirectory()) walk(path);
    }
  };
  try {
    walk(checkout);
  } catch {
    return null;
  }
  return createHash("sha1").update(seen.join("\0")).digest("base64");
}
