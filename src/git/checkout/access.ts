/** Modes and groups that the config sets for paths at some links, instead of git's. Pure. */
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import type { Attributes } from "../../platform/files/directory.ts";
import type { CheckoutInStore } from "../types.ts";

/** `mode` is that of regular files; null: mode as in git, group of the service's user. */
export interface Access extends Attributes {
  readonly link: RepoPath;
}

export interface CheckoutWithAccess extends CheckoutInStore {
  /** The links with their own modes and groups. */
  readonly access?: readonly Access[];
}

/** The access of a path in the repository: that of the innermost link at or above it. */
export function accessAt(path: string, accesses: readonly Access[]): Access | null {
  const around = accesses.filter(({ link }) => isAtOrBelow(path, link));
  return around.toSorted((a, b) => depthOf(b.link) - depthOf(a.link))[0] ?? null;
}

function depthOf(link: RepoPath): number {
  return link === "." ? 0 : link.length;
}

/** Executable files get execute permission for all users who may read them. */
export function fileMode(mode: number, executable: boolean): number {
  return executable ? mode | executeWhereRead(mode) : mode;
}

/** Users who may read the files may enter the directories; the owner may change them. */
export function directoryMode(mode: number): number {
  return mode | executeWhereRead(mode) | 0o700;
}

function executeWhereRead(mode: number): number {
  return (mode & 0o444) >> 2;
}
