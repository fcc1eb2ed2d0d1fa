/** Where the symlinks of an arrangement lead outside of what is mounted: `outside_symlinks`. Pure. */
import { posix } from "node:path";
import { type AbsPath, parseAbsPath, type RepoPath } from "../../model/path.ts";
import { symlinkFault } from "../../rollout/content/symlinks.ts";
import type { Arranged, Arrangement, LeftOut } from "../arrange.ts";

export interface Outside {
  /** The directories that symlinks may lead to. */
  readonly allowed: readonly string[];
  /** Symlinks that the daemon would refuse nevertheless. */
  readonly refused: readonly LeftOut[];
}

export function findOutside({ dirs, taken }: Pick<Arrangement, "dirs" | "taken">): Outside {
  const symlinks = taken.flatMap(({ link, entry }) => (entry.kind === "symlink" ? [{ link, entry }] : []));
  const allowed = new Set<string>();
  const fault = (link: string, target: string) => symlinkFault(serviceOf(dirs, allowed), link, target);
  for (const { link, entry } of symlinks) {
    if (fault(link, entry.target) === null) continue;
    const place = directoryOf(posix.resolve(posix.dirname(entry.path), entry.target));
    // The config refuses to allow everything.
    if (place !== "/") allowed.add(place);
  }
  const refused = symlinks.flatMap(({ link, entry }) => {
    const why = fault(link, entry.target);
    return why === null ? [] : [{ path: entry.path, why: "it is a symlink that gitopper refuses" }];
  });
  return { allowed: [...allowed].sort(), refused };
}

/** Directories that have much else: the symlink's target itself is allowed, not all of them. */
const broad =
  /^\/(?:dev|etc|home|opt|proc|root|run|srv|sys|tmp|usr|usr\/(?:bin|lib|sbin|share)|var|var\/(?:lib|log|run))?$/;

function directoryOf(target: string): string {
  const directory = posix.dirname(target);
  return broad.test(directory) ? target : directory;
}

/** Links without a local path are never judged at the checkout: those with symlinks have one. */
const checkout = "/nowhere" as AbsPath;

function serviceOf(dirs: readonly Arranged[], allowed: ReadonlySet<string>) {
  const links = dirs.flatMap(({ local, link, file }) =>
    local === null ? [] : [{ local: local as AbsPath, link: link as RepoPath, file }],
  );
  return { checkout, links, symlinksTo: [...allowed].flatMap((path) => parseAbsPath(path) ?? []) };
}
