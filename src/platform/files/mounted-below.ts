/** Nothing is removed through a mount: what it shows may exist only once, and rm(1) and find(1) cannot tell a bind. */
import { readFileSync } from "node:fs";
import { Problem } from "../../model/problem.ts";
import { parseMountPoints } from "./mountinfo.ts";
import { realOf } from "./trust.ts";

/** The first place below a path, or the path itself where `orAt` says so, at which something is mounted; or null. */
export function mountedBelow(path: string, { orAt = false } = {}): string | null {
  const real = realOf(path);
  if (real === null) return null;
  const points = parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")).map(({ point }) => point);
  return points.find((point) => point.startsWith(`${real}/`) || (orAt && point === real)) ?? null;
}

/** @throws Problem where something is mounted in what is to be removed */
export function assertNothingMounted(path: string): void {
  const point = mountedBelow(path);
  if (point === null) return;
  const what = `Cannot remove ${JSON.stringify(path)}`;
  throw new Problem("host", `${what}: something is mounted at ${JSON.stringify(point)}; unmount it`, {
    code: "path-blocked",
  });
}
