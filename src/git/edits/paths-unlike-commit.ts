/** Tells what a checkout of ours wrote, before it was cut off, from what people typed. */
import type { Commit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { filterInBatches } from "../../platform/yield-to-event-loop.ts";
import { lstatInside } from "../checkout/in-the-way.ts";
import type { Git } from "../git.ts";
import { entriesAt } from "../history/trees.ts";
import type { Store } from "../types.ts";

interface CheckoutInStore {
  readonly store: Store;
  readonly checkout: AbsPath;
}

/** The paths that are not just as the commit has them; all of them when it cannot be told. */
export async function pathsUnlikeCommit(
  checkoutInStore: CheckoutInStore,
  paths: readonly string[],
  commit: Commit,
  git: Git,
): Promise<string[]> {
  if (paths.length === 0) return [];
  const there = await entriesAt(checkoutInStore.store, commit, paths as RepoPath[], git);
  const here = await idsOf(checkoutInStore, paths, git);
  if (here === null) return [...paths];
  return filterInBatches(paths, (path) => {
    const entry = there.get(path);
    const want = entry === undefined || entry.kind === "directory" ? "nothing" : entry.id;
    return here.get(path) !== want;
  });
}

/** Git reads a name a line, takes a leading quote for its own, and drops a carriage return at the end. */
const unhashableName = /^"|\n|\r$/;

/** The object id of each file, `nothing` where none is, absent where it cannot be told; null when git cannot read one. */
async function idsOf(
  { store, checkout }: CheckoutInStore,
  paths: readonly string[],
  git: Git,
): Promise<ReadonlyMap<string, string> | null> {
  const gone: string[] = [];
  const files = await filterInBatches(paths, (path) => {
    const stats = lstatInside(checkout, path);
    if (stats === undefined || stats.isDirectory()) gone.push(path);
    return stats?.isFile() === true && !unhashableName.test(path);
  });
  const args = ["hash-object", "--no-filters", "--stdin-paths"];
  const input = files.map((path) => `${path}\n`).join("");
  try {
    const { stdout } = await git({ checkout }, args, { account: store.account, input });
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
