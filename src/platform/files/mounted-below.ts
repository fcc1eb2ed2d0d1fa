/** Prevents removals through a mount: its files may exist only once, and rm(1) and find(1) cannot detect a bind mount. */
import { readFileSync } from "node:fs";
import { Problem } from "../../model/problem.ts";
import { parseMountPoints } from "./mountinfo.ts";
import { realOf } from "./trust.ts";

/** The first mount point below a path, or with `orAt` also at the path itself; null: none. */
export function mountedBelow(path: string, { orAt = false } = {}): string | null {
  const real = realOf(path);
  if (real === null) return null;
  const points = parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")).map(({ point }) => point);
  return points.find((point) => point.startsWith(`${real}/`) || (orAt && point === real)) ?? null;
}

/** @throws Problem when something is mounted in what is to be removed */
export function assertNothingMounted(path: string): void {
  const point = mountedBelow(path);
  if (point === null) return;
  const why = `something is mounted at ${JSON.stringify(point)}; unmount it`;
  throw new Problem("host", `Cannot remove ${JSON.stringify(path)}: ${why}`, { code: "path-blocked" });
}
