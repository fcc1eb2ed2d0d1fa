/** Which files of the host cannot or should not be in a repository, and why. Pure. */
import { isLfsPointer } from "../../git/history/lfs.ts";
import { type KnownService, matchesPattern } from "../known/known-service.ts";
import { type HostEntry, octal } from "./host-tree.ts";
import { accessFor, type Names } from "./owner.ts";
import { secretIn } from "./secrets.ts";

export interface FitnessRules {
  readonly known: Pick<KnownService, "staying"> | null;
  /** The user of the service. */
  readonly uid: number;
  readonly names: Names;
  /** Files that are taken though they look secret. */
  readonly take: readonly string[];
  /** What the repository cannot have, by path: found when the mounts were arranged. */
  readonly unfit?: ReadonlyMap<string, string>;
}

/** Why a file or symlink stays on the host; null: it can be taken. Directories are judged by their contents. */
export function whyNot(entry: HostEntry, rules: FitnessRules): string | null {
  const name = nameOf(entry);
  const unfit = rules.unfit?.get(entry.path) ?? (entry.kind === "unread" ? entry.why : null);
  if (unfit !== null) return unfit;
  if (isGitsOwn(name)) return "git uses this name for itself";
  const staying = rules.known?.staying?.find(({ pattern }) => matchesPattern(entry.path, pattern));
  if (staying !== undefined && !isTaken(entry, rules)) return staying.why;
  if (entry.kind === "symlink") return whyNotSymlink(entry.target);
  return entry.kind === "file" ? (whyNotFile(entry, rules) ?? whyNotOwned(entry, rules)) : null;
}

function nameOf({ path }: HostEntry): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isTaken({ path }: HostEntry, { take }: FitnessRules): boolean {
  return take.some((taken) => path === taken || path.startsWith(`${taken}/`));
}

/** See verify_path() in git's read-cache.c, with core.protectNTFS, which is the default. */
function isGitsOwn(name: string): boolean {
  return /^(?:\.git|git~1)[ .]{0,255}(?:$|[:\\])/i.test(name) || /^\.git(?:$|[:\\])/i.test(name);
}

/** As the daemon refuses it: a name may be a symlink itself, and the ".." after it is then that of its target. */
function whyNotSymlink(target: string): string | null {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const name = parts.findIndex((part) => part !== "..");
  if (name !== -1 && parts.lastIndexOf("..") > name)
    return 'it is a symlink with ".." after a name; write its target without';
  return /[\udc80-\udcff]/u.test(target) ? "it is a symlink to a name that is not UTF-8" : null;
}

function whyNotFile(entry: Extract<HostEntry, { kind: "file" }>, rules: FitnessRules): string | null {
  if (isLfsPointer(entry.content.toString("latin1", 0, 1_024)))
    return "it is a pointer of Git LFS, not a file";
  if (isTaken(entry, rules)) return null;
  const secret = secretIn(nameOf(entry), entry.content);
  if (secret !== null) return secret;
  return (entry.mode & 0o077) === 0 && entry.content.length > 0
    ? `only its owner may read it (mode ${octal(entry.mode)}), so it may be secret`
    : null;
}

/** All files of a service belong to one user. */
function whyNotOwned(entry: HostEntry, { uid, names }: FitnessRules): string | null {
  if (entry.uid !== uid) {
    const name = names.users.get(entry.uid)?.name ?? entry.uid;
    return `it belongs to ${name}, and the other files to ${names.users.get(uid)?.name ?? uid}`;
  }
  if (!names.groups.has(entry.gid)) return `its group ${entry.gid} has no name`;
  if (accessFor(entry) === null) return `gitopper cannot give it the mode ${octal(entry.mode)}`;
  return null;
}
