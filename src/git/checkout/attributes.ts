/** Checks owner and mode of a checkout's files and directories: git itself only records the executable bit. */
import { fchmodSync, fchownSync, readFileSync, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { createYieldToEventLoop, inBatches } from "../../platform/yield-to-event-loop.ts";
import { chunksOf } from "../chunks.ts";
import type { Git } from "../git.ts";
import { recordsOf } from "../records.ts";
import { accessAt, type CheckoutWithAccess, directoryMode, fileMode } from "./access.ts";
import { lstatInside } from "./files-in-the-way.ts";

/** A tracked file or directory whose owner or mode differs from what a checkout sets. */
export interface WrongAttribute {
  readonly path: string;
  /** `owner root`, `mode 0600`. */
  readonly is: string;
  /** `app`, `0644`. */
  readonly instead: string;
}

/** What git tracks at the links of a checkout, whether it is on disk or not. */
export interface Tracked {
  /** Modes as in git, such as `100644`, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The directories of these files, at and below the links; outer ones first. */
  readonly directories: readonly string[];
}

/** Dangling symlinks and files below a symlink count as missing. @throws ExecFailure */
export async function trackedAt(
  where: CheckoutWithAccess,
  links: readonly RepoPath[],
  git: Git,
): Promise<Tracked> {
  const files = new Map<string, string>();
  const directories = new Set<string>();
  for (const batch of chunksOf(links)) {
    const args = ["ls-files", "--stage", "--sparse", "-z", "--", ...batch];
    const options = { env: { GIT_LITERAL_PATHSPECS: "1" } };
    for await (const records of recordsOf(git, where, args, options)) {
      for (const record of records) {
        const [, mode, path] = /^(\d{6}) \S+ \d\t(.+)$/s.exec(record) ?? [];
        // A directory outside of the sparse checkout.
        if (!mode || !path || mode === "040000") continue;
        files.set(path, mode);
        addParents(directories, path, links);
      }
    }
  }
  return { files, directories: [...directories].sort() };
}

function addParents(found: Set<string>, file: string, links: readonly RepoPath[]): void {
  let path = dirname(file);
  while (path !== "." && !found.has(path) && isAtLink(path, links)) {
    found.add(path);
    path = dirname(path);
  }
}

/** True for a link's own path and for everything below it. */
export function isAtLink(path: string, links: readonly RepoPath[]): boolean {
  return links.some((link) => isAtOrBelow(path, link));
}

const entriesMax = 1_000_000;
const depthMax = 64;

/**
 * True when anything at the links, tracked or not, has an unexpected owner or mode; the caller then runs git to learn
 * which of it is tracked. Starts no process.
 */
export async function hasOddAttributes(
  where: CheckoutWithAccess,
  links: readonly RepoPath[],
  { umask = ownUmask(), yieldToEventLoop = createYieldToEventLoop() } = {},
): Promise<boolean> {
  let entries = 0;
  const isOddAt = async (directory: HeldDirectory, path: string, depth: number): Promise<boolean> => {
    const seen = directory.lstat(basename(path));
    if (seen === undefined) return false;
    if (++entries > entriesMax || depth > depthMax) return true;
    const mode = seen.isDirectory() ? "040000" : "100644";
    if (wrongOf({ path, mode }, seen, where, umask).length > 0) return true;
    using inner = seen.isDirectory() ? directory.enter(basename(path)) : null;
    return inner !== null && (await areOddIn(inner, `${path}/`, depth + 1));
  };
  const areOddIn = async (directory: HeldDirectory, prefix: string, depth: number): Promise<boolean> => {
    for await (const batch of inBatches(directory.entries(), yieldToEventLoop)) {
      for (const { name } of batch)
        if ((prefix !== "" || name !== ".git") && (await isOddAt(directory, prefix + name, depth)))
          return true;
    }
    return false;
  };
  for (const link of links) {
    using parent = HeldDirectory.below(where.checkout, dirname(link));
    if (parent === null) continue;
    if (await (link === "." ? areOddIn(parent, "", 0) : isOddAt(parent, link, 0))) return true;
  }
  return false;
}

/** More than a person reads; a heal corrects all of them, listed or not. */
const wrongMax = 1_000;

/** Outer ones first, directories before files; at most the first `wrongMax`. */
export async function wrongAttributes(
  where: CheckoutWithAccess,
  { files, directories }: Tracked,
  { umask = ownUmask(), yieldToEventLoop = createYieldToEventLoop() } = {},
): Promise<WrongAttribute[]> {
  const found: WrongAttribute[] = [];
  const asDirectories = new Map(directories.map((path) => [path, "040000"]));
  for (const all of [asDirectories, files]) {
    for await (const batch of inBatches(all, yieldToEventLoop)) {
      if (found.length >= wrongMax) break;
      for (const [path, mode] of batch) {
        const seen = lstatInside(where.checkout, path);
        if (seen !== undefined) found.push(...wrongOf({ path, mode }, seen, where, umask));
      }
    }
  }
  return found;
}

function wrongOf(
  { path, mode }: { readonly path: string; readonly mode: string },
  seen: Stats,
  { store: { account }, access = [] }: CheckoutWithAccess,
  umask: number,
): WrongAttribute[] {
  const wrong: WrongAttribute[] = [];
  const given = seen.isSymbolicLink() ? null : accessAt(path, access);
  const gid = given?.gid ?? account.gid;
  if (seen.uid !== account.uid)
    wrong.push({ path, is: `owner ${seen.uid === 0 ? "root" : seen.uid}`, instead: account.name });
  else if (seen.gid !== gid) wrong.push({ path, is: `group ${seen.gid}`, instead: `${gid}` });
  // A file of another type than in git is a local edit.
  const kept = mode === "040000" ? seen.isDirectory() : mode.startsWith("100") && seen.isFile();
  if (!kept) return wrong;
  const has = modeOf(seen);
  const want = wantedMode(seen, given?.mode ?? null, umask);
  if (has !== want) wrong.push({ path, is: `mode ${octal(has)}`, instead: octal(want) });
  return wrong;
}

/** Git itself sees a changed executable bit of the owner. */
function wantedMode(seen: Stats, given: number | null, umask: number): number {
  if (given !== null)
    return seen.isDirectory() ? directoryMode(given) : fileMode(given, (seen.mode & 0o100) !== 0);
  return (seen.isDirectory() || (seen.mode & 0o100) !== 0 ? 0o777 : 0o666) & ~umask;
}

/** A set-group-ID directory passes its group on to new entries. */
function modeOf(seen: Stats): number {
  return seen.mode & (seen.isDirectory() ? 0o5777 : 0o7777);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** The umask of this process and of the gits that it starts; see proc(5). */
function ownUmask(): number {
  const text = readFileSync("/proc/self/status", "utf8");
  return Number.parseInt(/^Umask:\s*(\d+)$/m.exec(text)?.[1] ?? "022", 8);
}

/** Restores owner and mode of the tracked directories; what is mounted in the checkout is left alone. */
export async function restoreDirectories(
  { checkout, store: { account }, access = [] }: CheckoutWithAccess,
  { directories }: Tracked,
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<void> {
  using top = HeldDirectory.find(checkout);
  if (top === null) return;
  const [mount, umask] = [top.mountId(), ownUmask()];
  for (const path of directories) {
    await yieldToEventLoop();
    using directory = HeldDirectory.below(checkout, path);
    if (directory === null || directory.mountId() !== mount) continue;
    const seen = directory.stats();
    const given = accessAt(path, access);
    const gid = given?.gid ?? account.gid;
    const mode = wantedMode(seen, given?.mode ?? null, umask);
    if (seen.uid !== account.uid || seen.gid !== gid) fchownSync(directory.fd, account.uid, gid);
    if (modeOf(seen) !== mode) fchmodSync(directory.fd, mode | (seen.mode & 0o2000));
  }
}
