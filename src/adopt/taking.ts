/** Reads the files of a service, and decides what of them is taken and how it is mounted. */
import { posix, resolve } from "node:path";
import { isAtOrBelow } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import { encodePath, showPath } from "../model/text/path-bytes.ts";
import { realOf } from "../platform/files/trust.ts";
import type { Exec } from "../platform/process/exec.ts";
import { type Arrangement, arrange, type Root } from "./arrange.ts";
import type { FitnessRules } from "./host/fitness.ts";
import { entriesOf, type HostEntry } from "./host/host-tree.ts";
import { namesOf } from "./host/names.ts";
import { findOutside } from "./host/outside.ts";
import { mainOwner, type Names } from "./host/owner.ts";
import { placeholder } from "./host/placeholder.ts";
import { readTree } from "./host/read-tree.ts";
import type { KnownService } from "./known/known-service.ts";
import { type Limits, Tally, tooMuch } from "./limits.ts";
import type { Change } from "./repository/commit.ts";

export interface Taking extends Arrangement {
  readonly roots: readonly HostEntry[];
  /** `outside_symlinks`. */
  readonly outside: readonly string[];
  readonly names: Names;
  /** Owns the files. */
  readonly uid: number;
}

export interface TakingOptions {
  readonly paths: readonly string[];
  /** The directory in the repository. */
  readonly into: string;
  readonly known: KnownService | null;
  /** Paths that are taken though they look secret. */
  readonly take: readonly string[];
  readonly limits: Limits;
}

/** The paths of the command line, or those that the service usually has. @throws Problem */
export function pathsOf(given: readonly string[], known: KnownService | null, service: string): string[] {
  const paths = given.length > 0 ? given.map((path) => realOf(resolve(path)) ?? resolve(path)) : [];
  const usual = (known?.paths ?? []).filter((path) => realOf(path) !== null);
  const all = [...new Set(paths.length > 0 ? paths : usual)];
  if (all.length === 0) {
    const why =
      known === null ? "gitopper does not know its files" : `there is no ${known.paths.join(" or ")}`;
    throw new Problem(
      "host",
      `Cannot adopt ${service}: ${why}; name them: gitopperctl adopt ${service} /etc/…`,
    );
  }
  const inner = all.find((path) => all.some((other) => other !== path && isAtOrBelow(path, other)));
  if (inner !== undefined)
    throw new Problem(
      "host",
      `Cannot adopt ${inner} twice: it is in another of the paths; name the outer one alone`,
    );
  return all;
}

/** @throws Problem when nothing can be taken, or too much */
export async function takeFiles(options: TakingOptions, exec: Exec): Promise<Taking> {
  const { known, take, limits, into } = options;
  const roots = readRoots(options.paths, limits);
  const entries = roots.flatMap((root) => [...entriesOf(root)]);
  const names = await namesOf(entries, exec);
  const uid = mainOwner(entries);
  if (!names.users.has(uid))
    throw new Problem("host", `Cannot adopt files of user ${uid}: the host has no such user`);
  const rules = { known, uid, names, take };
  const placed = roots.map((entry) => ({ entry, link: linkOf(entry, roots.length, into) }));
  const { arrangement, outside } = arrangeWithSymlinks(placed, rules);
  const files = arrangement.taken.length;
  if (files > limits.files) throw tooMuch(options.paths.join(", "), `${files} files`, "--max-files");
  if (arrangement.dirs.length === 0) {
    const reasons = arrangement.leftOut.slice(0, 3).map(({ path, why }) => `${showPath(path)}: ${why}`);
    throw new Problem(
      "host",
      `Cannot adopt anything of ${options.paths.join(", ")}: ${reasons.join("; ") || "it is empty"}`,
    );
  }
  return { ...arrangement, roots, outside, names, uid };
}

export function readRoots(paths: readonly string[], limits: Limits): HostEntry[] {
  const tally = new Tally(limits);
  return paths.map((path) => readTree(path, tally));
}

/** One path is at the directory itself, several below it by their paths on the host. */
function linkOf({ kind, path }: HostEntry, count: number, into: string): string {
  if (count > 1) return posix.join(into, path);
  return kind === "directory" ? into : posix.join(into, posix.basename(path));
}

const roundsMax = 10;

/** A symlink that would be refused stays on the host, which may need other mounts. */
function arrangeWithSymlinks(roots: readonly Root[], rules: FitnessRules) {
  const unfit = new Map<string, string>();
  for (let round = 0; round < roundsMax; round++) {
    const arrangement = arrange(roots, { ...rules, unfit });
    const { allowed, refused } = findOutside(arrangement);
    if (refused.length === 0) return { arrangement, outside: allowed };
    for (const { path, why } of refused) unfit.set(path, why);
  }
  throw new Problem("host", "Cannot arrange the symlinks of these files; name fewer paths");
}

/** The files of the commit. */
export function changesOf({ taken }: Pick<Arrangement, "taken">): Change[] {
  return taken.map(({ link, entry }) => {
    if (entry.kind === "directory")
      return {
        path: posix.join(link, placeholder.name),
        to: { mode: "100644", content: placeholder.content },
      };
    if (entry.kind === "symlink")
      return { path: link, to: { mode: "120000", content: encodePath(entry.target) } };
    return {
      path: link,
      to: { mode: (entry.mode & 0o100) === 0 ? "100644" : "100755", content: entry.content },
    };
  });
}
