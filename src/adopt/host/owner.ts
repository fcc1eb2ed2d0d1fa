/** Who the files of a service belong to, and which modes a checkout can have. Pure. */
import { directoryMode, fileMode } from "../../git/checkout/access.ts";
import type { Account } from "../../model/account.ts";
import type { HostEntry } from "./host-tree.ts";

/** Names of the host's users and groups by their ids. */
export interface Names {
  readonly users: ReadonlyMap<number, Account>;
  readonly groups: ReadonlyMap<number, string>;
}

/** The id of the user who owns most of the files; of several with as many, the owner of the first. */
export function mainOwner(entries: Iterable<HostEntry>): number {
  const counts = new Map<number, number>();
  for (const { kind, uid } of entries) if (kind === "file") counts.set(uid, (counts.get(uid) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/** What one entry of `dirs` sets for everything at and below it. */
export interface Access {
  /** Null: as in git, 0644 or 0755. */
  readonly mode: number | null;
  readonly gid: number;
}

const [plainFile, plainDirectory] = [0o644, 0o755];

/** The mode that a checkout gives to a file or a directory; executable files are executable for their owner. */
export function givenMode(
  { kind, mode }: Pick<HostEntry, "kind" | "mode">,
  access: Pick<Access, "mode">,
): number {
  if (kind === "directory") return access.mode === null ? plainDirectory : directoryMode(access.mode);
  const executable = (mode & 0o100) !== 0;
  if (access.mode !== null) return fileMode(access.mode, executable);
  return executable ? plainDirectory : plainFile;
}

/** Whether a file or directory has what this access gives; for symlinks it says nothing. */
export function hasAccess(entry: HostEntry, access: Access): boolean {
  if (entry.kind === "symlink") return true;
  return entry.gid === access.gid && givenMode(entry, access) === entry.mode;
}

/** The access that gives exactly the mode of this entry; null: none does. */
export function accessFor(entry: HostEntry): Access | null {
  const { mode, gid } = entry;
  const candidates = [null, mode & 0o666, (mode & 0o666) | 0o600].filter(
    (candidate) => candidate === null || (candidate & 0o400) !== 0,
  );
  const found = candidates.find((candidate) => givenMode(entry, { mode: candidate }) === mode);
  return found === undefined ? null : { mode: found, gid };
}
