/** Parses commits and trees as a store has them, byte by byte. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import { decodePath } from "../../model/text/path-bytes.ts";
import type { GitObject, ObjectReader } from "./object-reader.ts";

export interface RawEntry {
  readonly name: string;
  /** Six digits: `100644`, `040000`, or any other that the tree has. */
  readonly mode: string;
  readonly id: string;
}

export interface CommitHead {
  readonly tree: string;
  readonly parents: readonly Commit[];
}

/** @throws Error when the store lacks the commit */
export async function readCommitHead(reader: ObjectReader, commit: string): Promise<CommitHead> {
  const [object] = await reader.read([commit]);
  return parseCommitHead(expectObject(object, commit, "commit").content);
}

/** The entries of each tree, in order; a tree may have very many. @throws Error when the store lacks one */
export async function readTrees(
  reader: ObjectReader,
  ids: readonly string[],
): Promise<readonly Iterable<RawEntry>[]> {
  const objects = await reader.read(ids);
  return ids.map((id, index) => entriesOf(expectObject(objects[index], id, "tree")));
}

const parsedTrees = new WeakMap<GitObject, RawEntry[]>();
/** Some two thousand entries. Larger trees are not kept parsed. */
const parsedMaxBytes = 64 * 1024;

/** Parsed lazily. */
function entriesOf(tree: GitObject): Iterable<RawEntry> {
  return {
    [Symbol.iterator]: () => {
      const parsed = parseTree(tree.content, tree.id.length / 2);
      if (tree.content.length > parsedMaxBytes) return parsed;
      const entries = parsedTrees.get(tree) ?? [...parsed];
      parsedTrees.set(tree, entries);
      return entries.values();
    },
  };
}

function expectObject(object: GitObject | null | undefined, name: string, type: string): GitObject {
  if (object?.type === type) return object;
  throw new Error(`${name} is ${object ? `a ${object.type}` : "missing"}, where a ${type} should be`);
}

/** A commit object: lines `<key> <value>`, an empty line, the message; see commit.c of git. */
export function parseCommitHead(content: Buffer): CommitHead {
  const end = content.indexOf("\n\n");
  const lines = content.toString("latin1", 0, end === -1 ? content.length : end).split("\n");
  const valuesOf = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const [tree = ""] = valuesOf("tree");
  return { tree, parents: valuesOf("parent").flatMap((id) => parseCommit(id) ?? []) };
}

/** A tree object: `<mode> <name>\0<id>` per entry, the mode in octal without leading zeros. */
export function* parseTree(content: Buffer, idBytes: number): Generator<RawEntry> {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space === -1 || end === -1) return;
    yield {
      name: decodePath(content.subarray(space + 1, end)),
      mode: content.toString("latin1", at, space).padStart(6, "0"),
      id: content.toString("hex", end + 1, end + 1 + idBytes),
    };
    at = end + 1 + idBytes;
  }
}

const kindBits = 0o170000;

/** As git interprets a mode, whatever its bits. */
export function isTree({ mode }: Pick<RawEntry, "mode">): boolean {
  return kindOf(mode) === 0o040000;
}

/** The normalised mode, as `git ls-tree` shows it. */
export function gitModeOf({ mode }: Pick<RawEntry, "mode">): string {
  switch (kindOf(mode)) {
    case 0o100000:
      return (Number.parseInt(mode, 8) & 0o100) === 0 ? "100644" : "100755";
    case 0o120000:
      return "120000";
    case 0o040000:
      return "040000";
    default:
      return "160000";
  }
}

function kindOf(mode: string): number {
  return Number.parseInt(mode, 8) & kindBits;
}
