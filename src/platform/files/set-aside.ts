/** Damaged files of our own: renamed to `<name>.broken-<time>`, so that a new one can begin and somebody can look at the old one. */
import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const mark = ".broken-";
/** Of each file, the newest. */
const kept = 3;

/** Renames the file, and gives its new path; of those from before only the newest stay. */
export function setAside(path: string, now: Date): string {
  const aside = `${path}${mark}${now.toISOString().replaceAll(/[-:.]/g, "")}`;
  renameSync(path, aside);
  const older = brokenFiles(dirname(path)).filter((name) => name.startsWith(`${basename(path)}${mark}`));
  for (const name of older.slice(0, -kept))
    rmSync(join(dirname(path), name), { recursive: true, force: true });
  return aside;
}

/** The names of what was set aside in a directory; of each file the oldest first. */
export function brokenFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.includes(mark))
      .sort();
  } catch {
    return [];
  }
}
