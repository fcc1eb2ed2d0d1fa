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
  /** Those of `inside` that were mounted before it too: these mounts are hidden, and appear when it is unmounted. */
  readonly hidden: readonly AbsPath[];
  /** Why an unmount would change what others see, and what would be right; null: it would not. */
  readonly inTheWay: string | null;
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
    const top = points.findLastIndex(({ point }) => point === each.target);
    const below = ({ point }: { readonly point: string }) =>
      isInside(point, each.target) ? [point as AbsPath] : [];
    // What was mounted before it is beneath it.
    const hidden = points.slice(0, Math.max(top, 0)).flatMap(below);
    const strangers = {
      inside: points
        .slice(top + 1)
        .flatMap(below)
        .find((point) => !released.has(point)),
      beneath: hidden.find((point) => !released.has(point)),
      around: around.find((outer) => isInside(each.target, outer)),
    };
    const inside = mounted.filter(({ target }) => isInside(target, each.target));
    return { ...each, inside, hidden: [...new Set(hidden)], inTheWay: renderStrangers(strangers) };
  });
}

function renderStrangers(found: Readonly<Record<"inside" | "around" | "beneath", AbsPath | undefined>>) {
  const place = found.inside ?? found.around;
  if (place !== undefined) return `${JSON.stringify(place)} is a mount too; release or unmount that first`;
  if (found.beneath === undefined) return null;
  return `something is mounted beneath it at ${JSON.stringify(found.beneath)}; unmount both, or reboot`;
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(outer === "/" ? "/" : `${outer}/`) && path !== outer;
}
