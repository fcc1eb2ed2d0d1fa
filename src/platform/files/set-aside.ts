/** Sets damaged files of ours aside as `<name>.broken-<time>`, so that a new one can be made and an admin can examine the old one. */
import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const mark = ".broken-";
/** How many of each file are kept, the newest. */
const kept = 3;

/** Renames the file, and returns its new path; removes the oldest of those set aside before. */
export function setAside(path: string, now: Date): string {
  const aside = `${path}${mark}${now.toISOString().replaceAll(/[-:.]/g, "")}`;
  renameSync(path, aside);
  const older = brokenFiles(dirname(path)).filter((name) => name.startsWith(`${basename(path)}${mark}`));
  for (const name of older.slice(0, -kept))
    rmSync(join(dirname(path), name), { recursive: true, force: true });
  return aside;
}

/** The names of set-aside files in a directory; of each file the oldest first. */
export function brokenFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.includes(mark))
      .sort();
  } catch {
    return [];
  }
}
