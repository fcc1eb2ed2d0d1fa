/** Whether a file system has room for a copy. */
import { statfsSync } from "node:fs";
import { Problem } from "../../model/problem.ts";

/** Kept free for others. */
const spareBytes = 16 * 1024 * 1024;

/** @throws Problem */
export function assertRoom(directory: string, bytes: number, target: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= bytes + spareBytes) return;
  const short = Math.ceil((bytes + spareBytes - free) / 1024 / 1024);
  const what = `Cannot release ${JSON.stringify(target)}: its file system needs ${short} MB more for a copy`;
  throw new Problem("host", `${what}; make room there`, { code: "disk-full" });
}
