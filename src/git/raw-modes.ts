/** The modes of a commit's entries as its trees have them: all other commands of git show what it would make of them. */
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import { type Git, gitProblem } from "./git.ts";
import { emptyTree } from "./log.ts";
import type { Store } from "./store.ts";
import { pathspecs } from "./trees.ts";

export interface RawEntry {
  readonly path: string;
  /** Six digits: `100644`, `040000`, or whatever somebody has put there. */
  readonly mode: string;
}

/** What is at or below the paths, in the trees that `base` has not or has otherwise; null: in all. @throws Problem */
export async function rawEntries(
  store: Store,
  range: { readonly base: Commit | null; readonly to: Commit; readonly paths: readonly RepoPath[] },
  git: Git,
): Promise<RawEntry[]> {
  const { to, paths } = range;
  try {
    const trees = await changedTrees(store, range, git);
    if (trees.length === 0) return [];
    const options = {
      account: store.account,
      binary: true,
      input: trees.map(({ id }) => `${id}\n`).join(""),
    };
    const { stdout } = await git({ store: store.path }, ["cat-file", "--batch"], options);
    const objects = parseBatch(stdout);
    const entries = trees.flatMap(({ path }, index) =>
      parseTree(objects[index] ?? "", to.length / 2).map(({ path: name, mode }) => ({
        path: path + name,
        mode,
      })),
    );
    return entries.filter(({ path }) =>
      paths.some((at) => at === "." || path === at || path.startsWith(`${at}/`)),
    );
  } catch (error) {
    // The store may have lost the base; then all of it counts.
    if (range.base !== null) return rawEntries(store, { ...range, base: null }, git);
    throw gitProblem(`Cannot read the trees of ${to}`, error);
  }
}

interface Tree {
  /** With a slash at its end; the root's is empty. */
  readonly path: string;
  readonly id: string;
}

/** Those above the paths too: they have the modes of the paths themselves. */
async function changedTrees(
  store: Store,
  { base, to, paths }: Parameters<typeof rawEntries>[1],
  git: Git,
): Promise<Tree[]> {
  const from = base ?? emptyTree[to.length] ?? "";
  const args = ["diff-tree", "-r", "-t", "-z", "--raw", "--no-renames", "--no-abbrev", from, to, "--"];
  const { stdout } = await git({ store: store.path }, [...args, ...pathspecs(paths)], store);
  const fields = stdout.split("\0");
  const changed = fields.flatMap((field, index) => {
    const id = /^:\d{6} 040000 [0-9a-f]+ ([0-9a-f]+) /.exec(field)?.[1];
    return id === undefined ? [] : [{ path: `${fields[index + 1]}/`, id }];
  });
  // It is in no list, and has whatever is right in it.
  return fields.length > 1 ? [{ path: "", id: `${to}^{tree}` }, ...changed] : [];
}

/** The contents of `git cat-file --batch`: `<id> <type> <size>\n<content>\n`. */
function parseBatch(text: string): string[] {
  const contents: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const size = Number(/ (\d+)$/.exec(text.slice(at, end))?.[1] ?? Number.NaN);
    if (end === -1 || Number.isNaN(size))
      throw new Error(`git cat-file says ${JSON.stringify(text.slice(at, end))}`);
    contents.push(text.slice(end + 1, end + 1 + size));
    at = end + size + 2;
  }
  return contents;
}

/** A tree object: `<mode> <name>\0<id>` for each entry, the mode in octal without zeros before it. */
export function parseTree(bytes: string, idBytes: number): RawEntry[] {
  const entries: RawEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(" ", at);
    const end = bytes.indexOf("\0", space);
    if (space === -1 || end === -1) break;
    const name = Buffer.from(bytes.slice(space + 1, end), "latin1").toString("utf8");
    entries.push({ path: name, mode: bytes.slice(at, space).padStart(6, "0") });
    at = end + 1 + idBytes;
  }
  return entries;
}
