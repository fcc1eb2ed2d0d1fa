/** Reads which paths an index of git has; see gitformat-index(5). Its owner may have put anything there. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { asPlainFile } from "../platform/directory.ts";
import { hasCode } from "../platform/files.ts";

const indexMaxBytes = 256 * 1024 * 1024;

/** Bytes as latin1, without what is sparse; none where there is no index; null where only git can tell. */
export function readIndexPaths(file: string, idBytes: number): ReadonlySet<string> | null {
  try {
    const fd = openSync(file, asPlainFile);
    try {
      const seen = fstatSync(fd);
      return seen.isFile() && seen.size <= indexMaxBytes ? parseIndexPaths(readFileSync(fd), idBytes) : null;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return new Set();
    if (error instanceof RangeError || hasCode(error, "ELOOP", "ENOTDIR", "EACCES", "ENXIO")) return null;
    throw error;
  }
}

const headerBytes = 12;
/** Times, device, inode, mode, owner and size, before the object id. */
const statBytes = 40;
const modeAt = 24;
const isExtended = 0x4000;
const isDirectory = 0o040000;

/** Null for a version or an extension that is not known here. @throws RangeError where it ends too soon */
export function parseIndexPaths(index: Buffer, idBytes: number): ReadonlySet<string> | null {
  const version = index.readUInt32BE(4);
  if (index.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 4) return null;
  const paths = new Set<string>();
  let at = headerBytes;
  let path = "";
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + statBytes + idBytes;
    let nameAt = flagsAt + ((index.readUInt16BE(flagsAt) & isExtended) === 0 ? 2 : 4);
    let kept = "";
    if (version === 4) {
      const stripped = readOffset(index, nameAt);
      nameAt = stripped.next;
      kept = path.slice(0, path.length - stripped.value);
    }
    const end = index.indexOf(0, nameAt);
    if (end < 0) throw new RangeError("A name has no end");
    path = kept + index.toString("latin1", nameAt, end);
    if (index.readUInt32BE(at + modeAt) !== isDirectory) paths.add(path);
    // Up to version 3 an entry has one to eight zeros at its end, so that its length is a multiple of eight.
    at = version === 4 ? end + 1 : at + Math.ceil((end + 1 - at) / 8) * 8;
  }
  return isSplit(index, at, idBytes) ? null : paths;
}

/** As in a pack; see gitformat-pack(5), "offset encoding". */
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

/** True when the rest of the paths is in another file. */
function isSplit(index: Buffer, extensionsAt: number, idBytes: number): boolean {
  for (let at = extensionsAt; at + 8 <= index.length - idBytes; at += 8 + index.readUInt32BE(at + 4))
    if (index.toString("latin1", at, at + 4) === "link") return true;
  return false;
}
