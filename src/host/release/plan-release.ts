/** Which mounts are released together, and what stands in the way. Pure. */
import type { AbsPath } from "../../model/path.ts";
import type { MountPoint } from "../../platform/files/mountinfo.ts";
import type { Ours } from "../mounts/mounts.ts";

/** A mount of gitopper's that is to be released. */
export interface Mounted {
  readonly service: string;
  /** A real path. */
  readonly target: AbsPath;
  readonly ours: Ours;
}

/** A mount, and those that are mounted inside it: an unmount takes all of them away at once. */
export interface Planned extends Mounted {
  readonly inside: readonly Mounted[];
  /** A mount point inside it, or around it, that is not released; null: none. */
  readonly inTheWay: AbsPath | null;
}

/** `points` in the order of mounting; `around` is what gitopper has mounted and does not release. */
export function planRelease(
  mounted: readonly Mounted[],
  points: readonly Pick<MountPoint, "point">[],
  around: readonly AbsPath[] = [],
): Planned[] {
  const released = new Set<string>(mounted.map(({ target }) => target));
  const outermost = mounted.filter(({ target }) => !mounted.some((other) => isInside(target, other.target)));
  return outermost.map((each) => {
    // What was mounted before it is beneath it, and stays.
    const top = points.findLastIndex(({ point }) => point === each.target);
    const strangers = points.slice(top + 1).map(({ point }) => point as AbsPath);
    const inTheWay =
      strangers.find((point) => isInside(point, each.target) && !released.has(point)) ??
      around.find((outer) => isInside(each.target, outer));
    const inside = mounted.filter(({ target }) => isInside(target, each.target));
    return { ...each, inside, inTheWay: inTheWay ?? null };
  });
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(outer === "/" ? "/" : `${outer}/`) && path !== outer;
}
