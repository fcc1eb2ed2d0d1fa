/** Compares two files in everything that a reader can see. */
import { closeSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { asPlainFile, type Directory } from "../../platform/files/directory.ts";
import type { YieldToEventLoop } from "../../platform/yield-to-event-loop.ts";

const chunkMaxBytes = 256 * 1024;

/** Whether type, mode, owner and content of the entry are the same in both directories. */
export async function sameFile(
  one: Directory,
  other: Directory,
  name: string,
  yieldToEventLoop: YieldToEventLoop,
): Promise<boolean> {
  const [a, b] = [one.lstat(name), other.lstat(name)];
  if (a === undefined || b === undefined || !alike(a, b)) return false;
  if (a.isSymbolicLink())
    return readlinkSync(one.at(name), "latin1") === readlinkSync(other.at(name), "latin1");
  return a.isFile() && sameContent(one.at(name), other.at(name), a.size, yieldToEventLoop);
}

function alike(a: Stats, b: Stats): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.size === b.size;
}

/** `bytes`: the size of both. */
async function sameContent(
  one: Buffer,
  other: Buffer,
  bytes: number,
  yieldToEventLoop: YieldToEventLoop,
): Promise<boolean> {
  using files = new DisposableStack();
  const [a, b] = [one, other].map((path) => files.adopt(openSync(path, asPlainFile), closeSync));
  if (a === undefined || b === undefined) return false;
  // No larger than the file: large buffers for very many small files would keep the garbage collector busy.
  const chunkBytes = Math.min(bytes + 1, chunkMaxBytes);
  const [chunk, match] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  for (;;) {
    const read = readSync(a, chunk);
    if (readSync(b, match) !== read || !chunk.subarray(0, read).equals(match.subarray(0, read))) return false;
    if (read === 0) return true;
    await yieldToEventLoop();
  }
}
