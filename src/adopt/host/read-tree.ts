/** Reads files as root without following a symlink that another user could put there. */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, readSync, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { Problem } from "../../model/problem.ts";
import { decodePath, showPath } from "../../model/text/path-bytes.ts";
import { asPlainFile } from "../../platform/files/directory.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { parseMountPoints } from "../../platform/files/mountinfo.ts";
import { pathOf, realOf } from "../../platform/files/trust.ts";
import { codeOf } from "../../platform/files/write-whole.ts";
import { depthMax, renderBytes, type Tally } from "../limits.ts";
import type { HostEntry } from "./host-tree.ts";

/** Reads a file, or a directory with everything below it. Symlinks among its parent directories are followed. @throws Problem */
export function readTree(path: string, tally: Tally): HostEntry {
  const what = `Cannot adopt ${JSON.stringify(path)}`;
  const real = realOf(path);
  if (real === null) throw new Problem("host", `${what}: it does not exist; name a file or a directory`);
  if (real === "/")
    throw new Problem("host", `${what}: it is the root of the host; name what a service reads`);
  using parent = HeldDirectory.find(dirname(real));
  // Another user could have replaced a directory on the way by a symlink.
  if (parent === null || pathOf(parent.fd) !== dirname(real))
    throw new Problem("host", `${what}: its path changes while it is read`);
  const points = parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")).map(({ point }) => point);
  if (points.includes(real))
    throw new Problem("host", `${what}: something is mounted there, perhaps by gitopper; see findmnt(8)`);
  return read(parent, basename(real), { path: real, depth: 0, mounted: new Set(points), tally });
}

/** Reads one entry of an opened directory, which may be hostile. */
export function readEntry(
  parent: HeldDirectory,
  name: string,
  { path, tally }: { readonly path: string; readonly tally: Tally },
): HostEntry {
  return read(parent, name, { path, tally, depth: depthMax, mounted: new Set() });
}

interface Reading {
  readonly path: string;
  readonly depth: number;
  /** All mount points of the host. */
  readonly mounted: ReadonlySet<string>;
  readonly tally: Tally;
}

function read(parent: HeldDirectory, name: string, reading: Reading): HostEntry {
  const { path, tally } = reading;
  const seen = parent.lstat(name);
  if (seen === undefined) return unread(path, noAttributes, "it was removed while it was read");
  tally.add(0, showPath(path));
  if (reading.mounted.has(path)) return unread(path, seen, "something is mounted there");
  if (seen.isDirectory()) return readDirectory(parent, name, reading);
  if (seen.isFile()) return readFile(parent, name, reading);
  if (!seen.isSymbolicLink()) return unread(path, seen, `it is ${kindOf(seen)}`);
  const target = decodePath(readlinkSync(parent.at(name), "buffer"));
  return { ...attributesOf(seen), path, kind: "symlink", target };
}

const noAttributes = { mode: 0, uid: 0, gid: 0 };

function readDirectory(parent: HeldDirectory, name: string, reading: Reading): HostEntry {
  const { path, depth } = reading;
  using directory = parent.enter(name);
  if (directory === null) return unread(path, noAttributes, "it was replaced while it was read");
  const seen = directory.stats();
  if (depth >= depthMax) return unread(path, seen, `it is more than ${depthMax} directories deep`);
  const names = [...directory.entries()].map(({ name }) => name).sort();
  const children = names.map((child) =>
    read(directory, child, { ...reading, path: `${path}/${child}`, depth: depth + 1 }),
  );
  return { ...attributesOf(seen), path, kind: "directory", children };
}

/** Reads from the opened file, so its owner cannot swap it; never waits for a pipe. */
function readFile(parent: HeldDirectory, name: string, { path, tally }: Reading): HostEntry {
  let fd: number;
  try {
    fd = openSync(parent.at(name), asPlainFile);
  } catch (error) {
    return unread(path, noAttributes, `it cannot be read (${codeOf(error) ?? "unknown error"})`);
  }
  try {
    const seen = fstatSync(fd);
    if (!seen.isFile()) return unread(path, seen, "it was replaced while it was read");
    const { fileBytes } = tally.limits;
    const content = readUpTo(fd, Math.min(seen.size, fileBytes) + 1);
    if (content.length > fileBytes)
      return unread(path, seen, `it is larger than ${renderBytes(fileBytes)} (see --max-file-size)`);
    tally.add(content.length, showPath(path));
    return { ...attributesOf(seen), path, kind: "file", content, isHardLink: seen.nlink > 1 };
  } finally {
    closeSync(fd);
  }
}

function readUpTo(fd: number, bytesMax: number): Buffer {
  const buffer = Buffer.alloc(bytesMax);
  let length = 0;
  for (let got = -1; got !== 0 && length < bytesMax; length += got)
    got = readSync(fd, buffer, length, bytesMax - length, null);
  return buffer.subarray(0, length);
}

function attributesOf({ mode, uid, gid }: Pick<Stats, "mode" | "uid" | "gid">) {
  return { mode: mode & 0o7777, uid, gid };
}

function unread(path: string, seen: Pick<Stats, "mode" | "uid" | "gid">, why: string): HostEntry {
  return { ...attributesOf(seen), path, kind: "unread", why };
}

function kindOf(seen: Stats): string {
  if (seen.isSocket()) return "a socket";
  if (seen.isFIFO()) return "a pipe";
  return "a device";
}
