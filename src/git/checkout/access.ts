/** Modes and groups that the config gives to what is at some links, over those that git knows. Pure. */
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import type { Attributes } from "../../platform/files/directory.ts";

/** `mode` is that of plain files; null: as git has it, or the group of the service's user. */
export interface Access extends Attributes {
  readonly link: RepoPath;
}

/** What counts at a path of the repository: the innermost link that it is at or below. */
export function accessAt(path: string, accesses: readonly Access[]): Access | null {
  const around = accesses.filter(({ link }) => isAtOrBelow(path, link));
  return around.reduce<Access | null>(
    (found, access) => (found === null || depthOf(access.link) > depthOf(found.link) ? access : found),
    null,
  );
}

function depthOf(link: RepoPath): number {
  return link === "." ? 0 : link.length;
}

/** Git says which files can be executed: whoever may read those may execute them. */
export function fileMode(mode: number, executable: boolean): number {
  return executable ? mode | executeWhereRead(mode) : mode;
}

/** Who may read the files may enter the directories, and the owner may change them. */
export function directoryMode(mode: number): number {
  return mode | executeWhereRead(mode) | 0o700;
}

function executeWhereRead(mode: number): number {
  return (mode & 0o444) >> 2;
}
