/** Tells whether two files are alike in all that a reader can see. */
import { closeSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { asPlainFile, type Directory } from "../platform/directory.ts";

const chunkBytes = 256 * 1024;

/** Type, mode, owner and content of what has this name in both directories. */
export async function sameFile(
  one: Directory,
  other: Directory,
  name: string,
  breathe: () => Promise<void>,
): Promise<boolean> {
  const [a, b] = [one.look(name), other.look(name)];
  if (a === undefined || b === undefined || !alike(a, b)) return false;
  if (a.isSymbolicLink())
    return readlinkSync(one.at(name), "latin1") === readlinkSync(other.at(name), "latin1");
  return a.isFile() && sameContent(one.at(name), other.at(name), breathe);
}

function alike(a: Stats, b: Stats): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.size === b.size;
}

async function sameContent(one: Buffer, other: Buffer, breathe: () => Promise<void>): Promise<boolean> {
  using files = new DisposableStack();
  const [a, b] = [one, other].map((path) => files.adopt(openSync(path, asPlainFile), closeSync));
  if (a === undefined || b === undefined) return false;
  const [chunk, match] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
  for (;;) {
    const bytes = readSync(a, chunk);
    if (readSync(b, match) !== bytes || !chunk.subarray(0, bytes).equals(match.subarray(0, bytes)))
      return false;
    if (bytes === 0) return true;
    await breathe();
  }
}
