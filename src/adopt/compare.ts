/** The proof: what commit and config would put on the host, compared with what is there now. Pure. */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { type Access, accessAt } from "../git/checkout/access.ts";
import { isAtOrBelow, type RepoPath } from "../model/path.ts";
import type { Link, Service } from "../model/service.ts";
import { encodePath, showPath } from "../model/text/path-bytes.ts";
import { modeFault } from "../rollout/content/modes.ts";
import { symlinkFault } from "../rollout/content/symlinks.ts";
import { entriesOf, type HostEntry, octal } from "./host/host-tree.ts";
import { givenMode, type Names } from "./host/owner.ts";
import { placeholder } from "./host/placeholder.ts";

/** A file of the commit; `mode` as in git. */
export interface Committed {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}

export interface Comparison {
  /** As the config reader has read the proposed entry. */
  readonly service: Service;
  readonly committed: readonly Committed[];
  /** What is on the host now, read again. */
  readonly roots: readonly HostEntry[];
  readonly names: Names;
  /** Of the service's user. */
  readonly account: { readonly uid: number; readonly gid: number };
  readonly format: "sha1" | "sha256";
}

/** What would change on the host, one line each; empty: nothing. */
export function compare(comparison: Comparison): string[] {
  const { service, committed, roots } = comparison;
  const there = new Map(roots.flatMap((root) => [...entriesOf(root)]).map((entry) => [entry.path, entry]));
  const access = accessOf(comparison);
  const lines = new Set<string>();
  for (const link of service.links) {
    if (link.local === null) continue;
    const files = committed.filter(({ path }) => isAtOrBelow(path, link.link));
    if (files.length === 0) lines.add(`${link.local}: the commit does not have ${link.link}`);
    const expected = expectedAt(link.local, link, files);
    for (const [path, file] of expected)
      for (const line of linesOf(path, file, there.get(path), { ...comparison, access })) lines.add(line);
    for (const line of hiddenBy(link, expected, there)) lines.add(line);
  }
  return [...lines].sort();
}

interface Expected {
  /** In the repository. */
  readonly path: string;
  /** Null: a directory. */
  readonly file: Committed | null;
}

/** The files and directories that a link shows on the host, by their paths there. */
function expectedAt(local: string, link: Link, files: readonly Committed[]): ReadonlyMap<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const file of files) {
    const inLink = posix.relative(link.link, file.path);
    expected.set(posix.join(local, inLink), { path: file.path, file });
    if (inLink === "") continue;
    for (let path = posix.dirname(inLink); ; path = posix.dirname(path)) {
      expected.set(posix.join(local, path), { path: posix.join(link.link, path), file: null });
      if (path === ".") break;
    }
  }
  return expected;
}

/** What the mount of a directory hides: the daemon mounts over it. */
function hiddenBy(
  { local, file }: Link,
  expected: ReadonlyMap<string, Expected>,
  there: ReadonlyMap<string, HostEntry>,
): string[] {
  if (file || local === null) return [];
  return [...there.keys()]
    .filter((path) => isAtOrBelow(path, local) && !expected.has(path))
    .map((path) => `${showPath(path)}: is not in the commit, and would be hidden`);
}

type Judging = Comparison & { readonly access: readonly Access[] };

function linesOf(path: string, expected: Expected, entry: HostEntry | undefined, judging: Judging): string[] {
  const shown = showPath(path);
  const { file } = expected;
  if (entry === undefined) {
    const isPlaceholder = file !== null && posix.basename(file.path) === placeholder.name;
    return isPlaceholder && file.id === blobId(placeholder.content, judging.format)
      ? []
      : [`${shown}: is not on the host`];
  }
  const kind = file === null ? "directory" : file.mode === "120000" ? "symlink" : "file";
  if (kind !== entry.kind)
    return [`${shown}: is a ${kindOf(entry)} on the host, and a ${kind} in the commit`];
  const fault = file === null ? null : faultOf(file, entry, judging.service);
  if (fault !== null) return [`${shown}: ${fault}`];
  if (file !== null && file.id !== blobId(bytesOf(entry), judging.format))
    return [`${shown}: has other bytes than in the commit`];
  return attributeLines(shown, expected, entry, judging);
}

function kindOf({ kind }: HostEntry): string {
  return kind === "unread" ? "special or unread file" : kind;
}

/** Why the daemon would refuse the commit. */
function faultOf({ path, mode }: Committed, entry: HostEntry, service: Service): string | null {
  return (
    modeFault(path, mode) ?? (entry.kind === "symlink" ? symlinkFault(service, path, entry.target) : null)
  );
}

/** Owner, group and mode; those of a symlink mean nothing. */
function attributeLines(
  shown: string,
  { path, file }: Expected,
  entry: HostEntry,
  { access, account, names }: Judging,
): string[] {
  if (entry.kind === "symlink") return [];
  const given = accessAt(path, access);
  const executable = file?.mode === "100755";
  const asInGit = { kind: entry.kind, mode: executable ? 0o755 : 0o644 };
  const mode = givenMode(asInGit, { mode: given?.mode ?? null });
  const gid = given?.gid ?? account.gid;
  const group = (id: number) => names.groups.get(id) ?? id;
  const user = (id: number) => names.users.get(id)?.name ?? id;
  return [
    ...(entry.uid === account.uid
      ? []
      : [`${shown}: owner ${user(entry.uid)} would become ${user(account.uid)}`]),
    ...(entry.gid === gid ? [] : [`${shown}: group ${group(entry.gid)} would become ${group(gid)}`]),
    ...(entry.mode === mode ? [] : [`${shown}: mode ${octal(entry.mode)} would become ${octal(mode)}`]),
  ];
}

function accessOf({ service, names }: Comparison): readonly Access[] {
  const gids = new Map([...names.groups].map(([gid, name]) => [name, gid]));
  return service.links.flatMap(({ link, access }) => {
    if (access === undefined) return [];
    const gid = access.group === null ? null : (gids.get(access.group) ?? -1);
    return [{ link: link as RepoPath, mode: access.mode, gid }];
  });
}

function bytesOf(entry: HostEntry): Buffer {
  if (entry.kind === "symlink") return encodePath(entry.target);
  return entry.kind === "file" ? entry.content : Buffer.alloc(0);
}

/** The id that git gives to a file with these bytes. */
export function blobId(content: Buffer, format: "sha1" | "sha256"): string {
  return createHash(format).update(`blob ${content.length}\0`).update(content).digest("hex");
}
