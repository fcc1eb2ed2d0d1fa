/** Reads the paths of a git index; see gitformat-index(5). Its owner may have written anything into it. */
import { open } from "node:fs/promises";
import { decodePath } from "../../model/text/path-bytes.ts";
import { asPlainFile } from "../../platform/files/directory.ts";
import { hasCode } from "../../platform/files/write-whole.ts";
import { createYieldToEventLoop, inBatches } from "../../platform/yield-to-event-loop.ts";

const indexMaxBytes = 256 * 1024 * 1024;

/**
 * The paths that one index has and another lacks, as `decodePath` returns them, without sparse entries. Faster than git,
 * which would take as long as the whole staging. Null: only git can read one of them.
 */
export async function pathsRemoved(
  live: string,
  staged: string,
  idBytes: number,
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<string[] | null> {
  try {
    const [before, after] = [await readIndex(live), await readIndex(staged)];
    const removed: string[] = [];
    const compared = compare(indexPaths(before, idBytes), indexPaths(after, idBytes));
    for await (const batch of inBatches(compared, yieldToEventLoop))
      for (const path of batch) if (path !== null) removed.push(checkedPath(path));
    return removed;
  } catch (error) {
    if (error instanceof RangeError || hasCode(error, "ELOOP", "ENOTDIR", "EACCES", "ENXIO")) return null;
    throw error;
  }
}

/** Decodes a path of an index. @throws RangeError when it leads out of the checkout, which git itself refuses */
export function checkedPath(bytes: string): string {
  if (/(^|\/)\.{0,2}(\/|$)/.test(bytes)) throw new RangeError("It has a path that git does not write");
  return decodePath(Buffer.from(bytes, "latin1"));
}

/** A missing file has no paths. @throws RangeError when the file is not an index, or too large */
async function readIndex(file: string): Promise<Buffer> {
  try {
    await using opened = await open(file, asPlainFile);
    const seen = await opened.stat();
    if (!seen.isFile() || seen.size > indexMaxBytes) throw new RangeError("It is no file, or too large");
    return await opened.readFile();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return emptyIndex;
    throw error;
  }
}

/** Yields what `after` lacks, and null for every other step. Walks both side by side, so neither is kept in memory. */
function* compare(before: Iterator<string>, after: Iterator<string>): Generator<string | null> {
  let [old, now] = [before.next(), after.next()];
  while (!old.done || !now.done) {
    const isGone = !old.done && (now.done || old.value < now.value);
    yield isGone ? old.value : null;
    const isBoth = !old.done && !now.done && old.value === now.value;
    if (!isGone) now = after.next();
    if (isGone || isBoth) old = before.next();
  }
}

const headerBytes = 12;
/** Times, device, inode, mode, owner and size, before the object id. */
const statBytes = 40;
const modeAt = 24;
const isExtended = 0x4000;
const isDirectory = 0o040000;

const emptyIndex = Buffer.from("DIRC\0\0\0\x02\0\0\0\0", "latin1");

/** The paths in bytes (latin1), in byte order. @throws RangeError when the index is truncated or only git can read it */
export function* indexPaths(index: Buffer, idBytes: number): Generator<string> {
  const version = index.readUInt32BE(4);
  if (index.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 4)
    throw new RangeError("Its version is not known");
  let at = headerBytes;
  let path = "";
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const entry = readEntry(index, at, path, { version, idBytes });
    if (entry.path < path) throw new RangeError("Its paths are in no order");
    // Unmerged paths occur several times.
    const isNew = entry.path !== path;
    if (isNew && index.readUInt32BE(at + modeAt) !== isDirectory) yield entry.path;
    ({ path, next: at } = entry);
  }
  if (isSplit(index, at, idBytes)) throw new RangeError("Another file has a part of it");
}

function readEntry(
  index: Buffer,
  at: number,
  before: string,
  { version, idBytes }: { readonly version: number; readonly idBytes: number },
): { readonly path: string; readonly next: number } {
  const flagsAt = at + statBytes + idBytes;
  const nameAt = flagsAt + ((index.readUInt16BE(flagsAt) & isExtended) === 0 ? 2 : 4);
  if (version === 4) {
    const stripped = readOffset(index, nameAt);
    const { text, end } = readName(index, stripped.next);
    return { path: before.slice(0, before.length - stripped.value) + text, next: end + 1 };
  }
  const { text, end } = readName(index, nameAt);
  // Up to version 3 an entry ends with one to eight zeros, which make its length a multiple of eight.
  return { path: text, next: at + Math.ceil((end + 1 - at) / 8) * 8 };
}

function readName(index: Buffer, at: number): { readonly text: string; readonly end: number } {
  const end = index.indexOf(0, at);
  if (end < 0) throw new RangeError("A name has no end");
  return { text: index.toString("latin1", at, end), end };
}

/** The same as in packs; see gitformat-pack(5), "offset encoding". */
function readOffset(index: Buffer, at: number): { readonly value: number; readonly next: number } {
  let byte = index.readUInt8(at);
  let next = at + 1;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = index.readUInt8(next);
    next += 1;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next };
}

/** True when a split index has the other paths. */
function isSplit(index: Buffer, extensionsAt: number, idBytes: number): boolean {
  for (let at = extensionsAt; at + 8 <= index.length - idBytes; at += 8 + index.readUInt32BE(at + 4))
    if (index.toString("latin1", at, at + 4) === "link") return true;
  return false;
}
