/** Which files a checkout of some links needs of a commit, told from its trees. */
import type { RepoPath } from "../model/path.ts";
import type { ObjectReader } from "./object-reader.ts";
import { pathTree, quickEntries } from "./quick-answers.ts";
import { type ModeRange, rawModes } from "./raw-modes.ts";
import { gitModeOf, readTrees } from "./raw-objects.ts";
import { entryKind } from "./trees.ts";

export interface NeededFile {
  readonly path: string;
  readonly id: string;
}

/**
 * Those at and below the links that `base` has not or has otherwise, and all that lie beside a link's parents: cone mode
 * brings them too. @throws Error
 */
export async function filesNeeded(reader: ObjectReader, range: ModeRange): Promise<NeededFile[]> {
  const at = await rawModes(reader, range);
  const beside = range.paths.includes("." as RepoPath) ? [] : await filesBeside(reader, range);
  return [...at.filter(isFile), ...beside];
}

async function filesBeside(reader: ObjectReader, { to, paths }: ModeRange): Promise<NeededFile[]> {
  const parents = [...new Set(["." as RepoPath, ...paths.flatMap(parentsOf)])];
  const entries = await quickEntries(reader, to, pathTree(parents));
  const directories = parents.flatMap((path) => {
    const entry = entries.get(path);
    return entry?.kind === "directory" ? [entry] : [];
  });
  const trees = await readTrees(
    reader,
    directories.map(({ id }) => id),
  );
  return directories.flatMap(({ path }, index) =>
    (trees[index] ?? [])
      .filter(isFile)
      .map(({ name, id }) => ({ path: path === "." ? name : `${path}/${name}`, id })),
  );
}

function isFile({ mode }: { readonly mode: string }): boolean {
  const kind = entryKind(gitModeOf({ mode }));
  return kind === "file" || kind === "symlink";
}

/** `a/b/c` has the parents `a` and `a/b`. */
function parentsOf(link: RepoPath): RepoPath[] {
  const parts = link.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") as RepoPath);
}
