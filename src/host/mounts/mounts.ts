/** Bind mounts, as they are: what should be seen where, and what is. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type AbsPath, inCheckout } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Link, Service } from "../../model/service.ts";
import { type MountPoint, parseMountPoints } from "../../platform/files/mountinfo.ts";
import { realOf, untrustedPart } from "../../platform/files/trust.ts";
import { hasCode } from "../../platform/files/write-whole.ts";

/** A link that is to be mounted: `source` in the checkout is seen at `target`. */
export interface Bind {
  readonly checkout: AbsPath;
  readonly source: AbsPath;
  readonly target: AbsPath;
  readonly file: boolean;
  readonly readOnly: boolean;
}

/** `elsewhere`: something is mounted there, but not this source (or an older file of its name), or not as it should. */
export type BindSeen = "mounted" | "absent" | "elsewhere";

/** The places where something is mounted, as real paths, and what: the last covers those before. */
export type MountTable = ReadonlyMap<string, readonly MountPoint[]>;

/** A new look at the kernel's table, which costs more the more is mounted. */
export function readMountTable(): MountTable {
  const points = parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8"));
  return Map.groupBy(points, ({ point }) => point);
}

/** The binds of a service's links, or of some of them; a link without a local path has none. */
export function bindsOf(
  { checkout, readOnly, links }: Pick<Service, "checkout" | "readOnly" | "links">,
  some: readonly Link[] = links,
): Bind[] {
  return some.flatMap(({ local, link, file }) =>
    local === null ? [] : [{ checkout, source: inCheckout(checkout, link), target: local, file, readOnly }],
  );
}

/** @throws Problem when a symlink that somebody else can change leads to the target */
export function observeBind(bind: Bind, table: MountTable): BindSeen {
  const top = topAt(bind.target, table);
  if (top === undefined) return "absent";
  if (top.options.includes("ro") !== bind.readOnly) return "elsewhere";
  const target = statOf(bind.target);
  const source = statOf(bind.source);
  return source !== null && source.dev === target?.dev && source.ino === target.ino ? "mounted" : "elsewhere";
}

/** What is mounted right at this path, and covers all else there. @throws Problem as `observeBind` */
function topAt(path: AbsPath, table: MountTable): MountPoint | undefined {
  const real = realOf(path);
  if (real === null) return undefined;
  if (!mayLeadTo(path, real)) throw misled(path);
  return table.get(real)?.at(-1);
}

/** A service's checkout, and where else it was when parts of it were mounted: see `sourceOf`. */
export interface Ours {
  readonly checkout: AbsPath;
  readonly sources?: readonly string[];
}

/** Where a checkout is, whatever symlinks lead to it, as `device path`; empty where that cannot be told. */
export function sourceOf(checkout: AbsPath, table: MountTable = readMountTable()): string {
  const place = placeOf(realOf(checkout) ?? checkout, table);
  return place === null ? "" : `${place.device} ${place.root}`;
}

/** Whether a part of this checkout, or of one that was set aside for it, is mounted at the target; `covered`: not on top. */
export function oursAt(of: Ours, target: AbsPath, table: MountTable): "on top" | "covered" | "none" {
  const ours = oursIn(of, target, table);
  if (ours.at(-1)) return "on top";
  return ours.includes(true) ? "covered" : "none";
}

/** Two of ours are on top of each other, as they are for a moment while one replaces the other. */
export function isDoubled(of: Ours, target: AbsPath, table: MountTable): boolean {
  return oursIn(of, target, table).slice(-2).filter(Boolean).length === 2;
}

/** Of what is mounted at the target, from the bottom up, whether it is ours. */
function oursIn({ checkout, sources = [] }: Ours, target: AbsPath, table: MountTable): boolean[] {
  const stack = table.get(realOf(target) ?? "") ?? [];
  const places = [...new Set([sourceOf(checkout, table), ...sources])].filter((place) => place !== "");
  return stack.map(({ device, root }) => {
    const shown = `${device} ${root}`;
    return places.some((place) => shown.startsWith(`${place}/`) || shown.startsWith(`${place}.aside-`));
  });
}

/** The file system that a path is on, and its path there, whether it exists or not. */
export function placeOf(path: string, table: MountTable): Pick<MountPoint, "device" | "root"> | null {
  for (let point = dirname(path); ; point = dirname(point)) {
    const mount = table.get(point)?.at(-1);
    if (mount) return { device: mount.device, root: join(mount.root, relative(point, path)) };
    if (point === "/") return null;
  }
}

/** True when no symlink leads from `path` to `real`, or only such that root made and nobody else can change. */
export function mayLeadTo(path: string, real: string): boolean {
  return real === path || untrustedPart(path) === null;
}

export function misled(path: string): Problem {
  const where = JSON.stringify(untrustedPart(path) ?? path);
  return new Problem(
    "host",
    `Cannot mount at ${JSON.stringify(path)}: a symlink in ${where}, which others can change, leads elsewhere`,
    { code: "path-blocked" },
  );
}

/** Null where there is nothing; a file where a directory should be counts as nothing. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return null;
    throw error;
  }
}
