/** Compares bind mounts with what should be mounted. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type AbsPath, inCheckout } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Link, Service } from "../../model/service.ts";
import { type MountPoint, parseMountPoints } from "../../platform/files/mountinfo.ts";
import { realOf, untrustedPart } from "../../platform/files/trust.ts";
import { resultOr } from "../../platform/files/write-whole.ts";

/** A link to be mounted: `source` in the checkout appears at `target`. */
export interface Bind {
  readonly checkout: AbsPath;
  readonly source: AbsPath;
  readonly target: AbsPath;
  readonly file: boolean;
  readonly readOnly: boolean;
}

/** `elsewhere`: another source (or an older file of its name) is mounted there, or with other flags. */
export type BindSeen = "mounted" | "absent" | "elsewhere";

/** The mounts by real path of their mount point; the last one covers those before. */
export type MountTable = ReadonlyMap<string, readonly MountPoint[]>;

/** Reads the kernel's table; its cost grows with the number of mounts. */
export function readMountTable(): MountTable {
  return Map.groupBy(readMountPoints(), ({ point }) => point);
}

/** In the order of mounting. */
export function readMountPoints(): MountPoint[] {
  return parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8"));
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

/** @throws Problem when a symlink that another user can change leads to the target */
export function observeBind(bind: Bind, table: MountTable): BindSeen {
  const real = realOf(bind.target) ?? "";
  if (real !== "" && !mayLeadTo(bind.target, real)) throw misled(bind.target);
  const top = table.get(real)?.at(-1);
  if (top === undefined) return "absent";
  if (top.options.includes("ro") !== bind.readOnly) return "elsewhere";
  const target = statOf(bind.target);
  const source = statOf(bind.source);
  return source !== null && source.dev === target?.dev && source.ino === target.ino ? "mounted" : "elsewhere";
}

/** A service's checkout, and its earlier locations when parts of it were mounted: see `sourceOf`. */
export interface Ours {
  readonly checkout: AbsPath;
  readonly sources?: readonly string[];
}

/** The checkout's real location as `device path`; empty when it is unknown. */
export function sourceOf(checkout: AbsPath, table: MountTable = readMountTable()): string {
  const place = placeOf(realOf(checkout) ?? checkout, table);
  return place === null ? "" : `${place.device} ${place.root}`;
}

/** Whether a part of this checkout, or of one set aside for it, is mounted at the target; `covered`: not on top. */
export function oursAt(of: Ours, target: AbsPath, table: MountTable): "on top" | "covered" | "none" {
  const ours = oursIn(of, target, table);
  if (ours.at(-1)) return "on top";
  return ours.includes(true) ? "covered" : "none";
}

/** Two mounts of ours are on top of each other for a moment while one replaces the other. */
export function isDoubled(of: Ours, target: AbsPath, table: MountTable): boolean {
  return oursIn(of, target, table).slice(-2).filter(Boolean).length === 2;
}

/** How many mounts of ours are on top of each other at the target, with nothing over them. */
export function countOnTop(of: Ours, target: AbsPath, table: MountTable): number {
  const ours = oursIn(of, target, table);
  return ours.length - 1 - ours.lastIndexOf(false);
}

/** For each mount at the target, from the bottom up, whether it is ours. */
function oursIn(of: Ours, target: AbsPath, table: MountTable): boolean[] {
  const isOurs = createIsOurs(of, table);
  return (table.get(realOf(target) ?? "") ?? []).map(isOurs);
}

/** Whether a mount shows a part of the checkout, or of one set aside for it. */
export function createIsOurs(
  { checkout, sources = [] }: Ours,
  table: MountTable,
): (mount: Pick<MountPoint, "device" | "root">) => boolean {
  const places = [...new Set([sourceOf(checkout, table), ...sources])].filter((place) => place !== "");
  return ({ device, root }) => {
    const shown = `${device} ${root}`;
    return places.some(
      (place) => shown === place || shown.startsWith(`${place}/`) || shown.startsWith(`${place}.aside-`),
    );
  };
}

/** The path in the checkout that the topmost mount at the target shows; null: it shows something else. */
export function shownPartOf(checkout: AbsPath, target: AbsPath, table: MountTable): string | null {
  const top = table.get(target)?.at(-1);
  const place = sourceOf(checkout, table);
  const shown = `${top?.device} ${top?.root}`;
  if (top === undefined || place === "" || shown.endsWith("//deleted")) return null;
  if (shown === place) return ".";
  return shown.startsWith(`${place}/`) ? shown.slice(place.length + 1) : null;
}

/** The file system of a path, and its path there, whether it exists or not. */
export function placeOf(path: string, table: MountTable): Pick<MountPoint, "device" | "root"> | null {
  for (let point = dirname(path); ; point = dirname(point)) {
    const mount = table.get(point)?.at(-1);
    if (mount) return { device: mount.device, root: join(mount.root, relative(point, path)) };
    if (point === "/") return null;
  }
}

/** True when no symlink leads from `path` to `real`, or only symlinks that no user but root can change. */
export function mayLeadTo(path: string, real: string): boolean {
  return real === path || untrustedPart(path) === null;
}

export function misled(path: string): Problem {
  const where = JSON.stringify(untrustedPart(path) ?? path);
  const why = `a symlink in ${where}, which others can change, leads elsewhere`;
  return new Problem("host", `Cannot mount at ${JSON.stringify(path)}: ${why}`, { code: "path-blocked" });
}

/** Null: nothing is there; a file in place of a directory counts as nothing. */
function statOf(path: string): Stats | null {
  return resultOr(null, ["ENOENT", "ENOTDIR", "ELOOP"], () => statSync(path));
}
