/** Finds Git LFS pointers: their content is elsewhere, and nothing here fetches it. */
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { inQueries, type NeededFile } from "./files-needed.ts";
import type { ObjectReader } from "./object-reader.ts";
import { pathTree, quickEntries } from "./quick-answers.ts";
import type { ModeRange } from "./raw-modes.ts";

/** A pointer has to be smaller than this (docs/spec.md of git-lfs). */
const pointerBytes = { min: 100, max: 1_023 };

/**
 * The files of `to` that are pointers, that `base` lacks, and for which a `.gitattributes` at or above them has
 * `filter=lfs`, so that a text that only quotes a pointer is none. Files that the store lacks are skipped. Starts no
 * git of its own. @throws Error
 */
export async function lfsPointers(
  reader: ObjectReader,
  range: Pick<ModeRange, "base" | "to">,
  files: AsyncIterable<readonly NeededFile[]>,
): Promise<readonly string[]> {
  const pointers = new Map<string, NeededFile>();
  for await (const some of inQueries(files))
    for (const file of await pointersAmong(reader, some)) pointers.set(file.path, file);
  if (pointers.size === 0) return [];
  return withFilter(reader, range.to, await newSince(reader, range.base, [...pointers.values()]));
}

async function pointersAmong(reader: ObjectReader, files: readonly NeededFile[]): Promise<NeededFile[]> {
  const sizes = await reader.sizes(files.map(({ id }) => id));
  const small = files.filter((_, index) => isPointerSize(sizes[index] ?? 0));
  const blobs = await reader.read(small.map(({ id }) => id));
  return small.filter((_, index) => isLfsPointer(blobs[index]?.content.toString("latin1") ?? ""));
}

async function newSince(
  reader: ObjectReader,
  base: Commit | null,
  files: readonly NeededFile[],
): Promise<readonly string[]> {
  const paths = files.map(({ path }) => path as RepoPath);
  // When the store has lost the base, everything counts as new.
  const had = base && (await quickEntries(reader, base, pathTree(paths)).catch(() => null));
  return files.filter(({ path, id }) => had?.get(path)?.id !== id).map(({ path }) => path);
}

function isPointerSize(bytes: number): boolean {
  return bytes >= pointerBytes.min && bytes <= pointerBytes.max;
}

const version = "version https://git-lfs.github.com/spec/v1\n";

/** Whether git-lfs itself would accept the text: lines of key and value, with an id and a size. */
export function isLfsPointer(text: string): boolean {
  if (!text.startsWith(version) || !text.endsWith("\n")) return false;
  const lines = text.slice(version.length, -1).split("\n");
  const has = (line: RegExp) => lines.some((text) => line.test(text));
  return lines.every((line) => /^[a-z0-9.-]+ \S/.test(line)) && has(/^oid \w+:\w+$/) && has(/^size \d+$/);
}

async function withFilter(
  reader: ObjectReader,
  commit: Commit,
  paths: readonly string[],
): Promise<readonly string[]> {
  const attributes = [...new Set(paths.flatMap(attributesAbove))];
  const entries = await quickEntries(reader, commit, pathTree(attributes as RepoPath[]));
  const there = attributes.flatMap((path) => entries.get(path) ?? []);
  const blobs = await reader.read(there.map(({ id }) => id));
  const filtering = new Set(
    there.flatMap(({ path }, index) => (hasLfsFilter(blobs[index]?.content) ? [path] : [])),
  );
  return paths.filter((path) => attributesAbove(path).some((above) => filtering.has(above)));
}

/** `a/b` has `.gitattributes` and `a/.gitattributes`. */
function attributesAbove(path: string): string[] {
  const parents = path.split("/").slice(0, -1);
  return [".", ...parents].map((_, depth) => [...parents.slice(0, depth), ".gitattributes"].join("/"));
}

const attributesMaxBytes = 1024 * 1024;

function hasLfsFilter(attributes: Buffer | undefined): boolean {
  const lines = (attributes?.toString("latin1", 0, attributesMaxBytes) ?? "").split("\n");
  return lines.some((line) => !line.startsWith("#") && line.split(/\s/).includes("filter=lfs"));
}
