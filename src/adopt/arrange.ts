/**
 * Which paths are mounted, so that all that is left out stays visible on the host: a directory as a whole where everything
 * in it is taken, else its files and directories one by one. Pure.
 */
import { posix } from "node:path";
import { parseLocal } from "../config/fields/values/places.ts";
import { showPath } from "../model/text/path-bytes.ts";
import { type FitnessRules, whyNot } from "./host/fitness.ts";
import {
  type HostDirectory,
  type HostEntry,
  type HostFile,
  type HostSymlink,
  octal,
} from "./host/host-tree.ts";
import { type Access, accessFor, hasAccess } from "./host/owner.ts";

/** One entry of `dirs`. */
export interface Arranged {
  /** Null: it only sets the access of a part of another one. */
  readonly local: string | null;
  /** Relative to the repository's root. */
  readonly link: string;
  readonly file: boolean;
  readonly access: Access;
}

/** A file or symlink in the commit. */
export interface Taken {
  readonly link: string;
  readonly entry: HostFile | HostSymlink | HostDirectory;
}

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

export interface Arrangement {
  readonly dirs: readonly Arranged[];
  /** A directory is one without entries, which git cannot have: it gets a placeholder. */
  readonly taken: readonly Taken[];
  readonly leftOut: readonly LeftOut[];
  /** Directories that are not mounted as a whole, and why not. */
  readonly split: readonly LeftOut[];
}

/** A tree of the host, and its path in the repository. */
export interface Root {
  readonly entry: HostEntry;
  readonly link: string;
}

type Arranging = { [K in keyof Arrangement]: Arrangement[K][number][] };

export function arrange(roots: readonly Root[], rules: FitnessRules): Arrangement {
  const result: Arranging = { dirs: [], taken: [], leftOut: [], split: [] };
  for (const { entry, link } of roots) place(entry, link, rules, result);
  return result;
}

function place(entry: HostEntry, link: string, rules: FitnessRules, result: Arranging): void {
  const why = whyNot(entry, rules) ?? whyNotAlone(entry);
  if (why !== null) result.leftOut.push({ path: entry.path, why });
  else if (entry.kind === "directory") placeDirectory(entry, link, rules, result);
  else if (entry.kind === "file") {
    const access = accessFor(entry) ?? { mode: null, gid: entry.gid };
    result.dirs.push({ local: entry.path, link, file: true, access });
    result.taken.push({ link, entry });
  }
}

/** What cannot be an entry of `dirs`. */
function whyNotAlone({ kind, path }: HostEntry): string | null {
  if (kind === "symlink") return "it is a symlink, which cannot be mounted alone";
  return isNameable(path) ? null : "the config cannot name it";
}

/** The config is UTF-8 without control characters. */
function isNameable(path: string): boolean {
  return !/[\p{Cc}\udc80-\udcff\ud800-\udbff]/u.test(path) && path.length <= 4_096;
}

function placeDirectory(entry: HostDirectory, link: string, rules: FitnessRules, result: Arranging): void {
  const why = whyNotWhole(entry, rules);
  if (why !== null) {
    // An empty one would be named nowhere: git cannot keep its mode or owner.
    (entry.children.length === 0 ? result.leftOut : result.split).push({ path: entry.path, why });
    for (const child of entry.children) place(child, posix.join(link, nameOf(child)), rules, result);
    return;
  }
  const access = accessFor(entry) ?? { mode: null, gid: entry.gid };
  result.dirs.push({ local: entry.path, link, file: false, access });
  takeAll(entry, link, access, result);
}

function takeAll(entry: HostDirectory, link: string, access: Access, result: Arranging): void {
  if (entry.children.length === 0) result.taken.push({ link, entry });
  for (const child of entry.children) {
    const at = posix.join(link, nameOf(child));
    const own = hasAccess(child, access) ? access : accessFor(child);
    if (own === null) continue;
    if (own !== access) result.dirs.push(accessOnly(child, at, own));
    if (child.kind === "directory") takeAll(child, at, own, result);
    else if (child.kind !== "unread") result.taken.push({ link: at, entry: child });
  }
}

/**
 * Its mode is explicit, because an entry without mode and group has those of the entry around it. A symlink is judged at
 * each place of its link, so a directory with symlinks is mounted once more.
 */
function accessOnly(entry: HostEntry, link: string, { mode, gid }: Access): Arranged {
  const isDirectory = entry.kind === "directory";
  const local = isDirectory && hasSymlink(entry) ? entry.path : null;
  return { local, link, file: !isDirectory, access: { mode: mode ?? 0o644, gid } };
}

function hasSymlink(entry: HostDirectory): boolean {
  return entry.children.some(
    (child) => child.kind === "symlink" || (child.kind === "directory" && hasSymlink(child)),
  );
}

/** Why a directory cannot be mounted as a whole; null: everything in it is taken as it is. */
function whyNotWhole(entry: HostDirectory, rules: FitnessRules): string | null {
  if (!parseLocal(entry.path).ok) return "it belongs to the system";
  const own = whyNotAsIt(entry, rules);
  if (own !== null) return own;
  for (const child of entry.children) {
    const why = child.kind === "directory" ? whyNotWhole(child, rules) : whyNot(child, rules);
    if (whyNot(child, rules) !== null) return `${showPath(nameOf(child))} stays on the host`;
    if (why !== null) return `${showPath(nameOf(child))} is not taken as a whole`;
    const access = accessFor(entry);
    if (!isNameable(child.path) && access !== null && !hasAccess(child, access))
      return `the config cannot name ${JSON.stringify(showPath(nameOf(child)))}, whose mode differs`;
  }
  return null;
}

/** Owner, group and mode of the directory itself. */
function whyNotAsIt(entry: HostDirectory, { uid, names }: FitnessRules): string | null {
  if (entry.uid !== uid) return `it belongs to ${names.users.get(entry.uid)?.name ?? entry.uid} itself`;
  if (!names.groups.has(entry.gid)) return `its group ${entry.gid} has no name`;
  if (accessFor(entry) === null) return `gitopper cannot give it the mode ${octal(entry.mode)}`;
  return null;
}

function nameOf({ path }: HostEntry): string {
  return posix.basename(path);
}
