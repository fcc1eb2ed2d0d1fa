/** /proc/self/mountinfo, and whether it is worth reading: proc(5) lets poll(2) tell. */
import { openSync, readFileSync } from "node:fs";
import { openCLibrary } from "../../platform/c-library.ts";

export interface MountFile {
  /** Something was mounted, unmounted or remounted since the last call. Always true where nobody can tell. */
  readonly hasChanged: () => boolean;
  readonly read: () => Buffer;
}

const path = "/proc/self/mountinfo";
// From <poll.h>.
const POLLPRI = 0x002;

interface Functions {
  poll(fds: Buffer, count: bigint, timeoutMs: number): number;
}

/** Asking takes 2 µs; reading 0.2 ms for 50 mounts, 1 ms for 500. Its descriptor stays open. */
export function openMountFile(): MountFile {
  const read = () => readFileSync(path);
  const library = openCLibrary<Functions>({
    poll: { arguments: ["pointer", "u64", "i32"], return: "i32" },
  });
  if (library === null) return { read, hasChanged: () => true };
  const asked = pollfd(openSync(path, "r"));
  return { read, hasChanged: () => library.functions.poll(asked, 1n, 0) !== 0 };
}

/** `struct pollfd`: descriptor, what is asked for, and the answer. */
function pollfd(fd: number): Buffer {
  const struct = Buffer.from(new Int32Array([fd, 0]).buffer);
  new Int16Array(struct.buffer, struct.byteOffset).set([POLLPRI], 2);
  return struct;
}
