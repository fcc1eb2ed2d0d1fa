/** Separates files that an interrupted checkout wrote from local edits. */
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { filterInBatches } from "../../platform/yield-to-event-loop.ts";
import { lstatInside } from "../checkout/files-in-the-way.ts";
import type { Git } from "../git.ts";
import { entriesAt } from "../history/trees.ts";
import type { CheckoutInStore } from "../types.ts";

/** The paths that differ from the commit; all of them when git cannot tell. */
export async function pathsUnlikeCommit(
  where: CheckoutInStore,
  paths: readonly string[],
  commit: Commit,
  git: Git,
): Promise<string[]> {
  if (paths.length === 0) return [];
  const there = await entriesAt(where.store, commit, paths as RepoPath[], git);
  const here = await idsOf(where, paths, git);
  if (here === null) return [...paths];
  return filterInBatches(paths, (path) => {
    const entry = there.get(path);
    const want = entry === undefined || entry.kind === "directory" ? "nothing" : entry.id;
    return here.get(path) !== want;
  });
}

/** `hash-object --stdin-paths` reads one name per line, unquotes a leading quote, and drops a trailing carriage return. */
const unhashableName = /^"|\n|\r$/;

/** The object id of each file; `nothing`: no file; absent: unknown. Null when git cannot read one of them. */
async function idsOf(
  where: CheckoutInStore,
  paths: readonly string[],
  git: Git,
): Promise<ReadonlyMap<string, string> | null> {
  const gone: string[] = [];
  const files = await filterInBatches(paths, (path) => {
    const stats = lstatInside(where.checkout, path);
    if (stats === undefined || stats.isDirectory()) gone.push(path);
    return stats?.isFile() === true && !unhashableName.test(path);
  });
  const args = ["hash-object", "--no-filters", "--stdin-paths"];
  const input = files.map((path) => `${path}\n`).join("");
  try {
    const { stdout } = await git(where, args, { input });
    const ids = stdout.split("\n");
    return new Map([
      ...gone.map((path): [string, string] => [path, "nothing"]),
      ...files.map((path, index): [string, string] => [path, ids[index] ?? ""]),
    ]);
  } catch (error) {
    if (error instanceof ExecFailure) return null;
    throw error;
  }
}
