/** Splits a long argv: the kernel refuses one that is too long (execve(2), E2BIG). */

const argvMaxBytes = 256 * 1024;

/** The same arguments in the same order, in lists that each fit into one argv of `maxBytes`. */
export function chunksOf<T extends string>(args: readonly T[], maxBytes = argvMaxBytes): T[][] {
  const chunks: T[][] = [];
  let room = 0;
  for (const arg of args) {
    const bytes = Buffer.byteLength(arg) + 1;
    const last = chunks.at(-1);
    if (last === undefined || bytes > room) {
      chunks.push([arg]);
      room = maxBytes;
    } else last.push(arg);
    room -= bytes;
  }
  return chunks;
}
