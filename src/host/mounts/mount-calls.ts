/** System calls for mounting that mount(8) of Debian 12 does not know; each takes opened files. */
import { closeSync } from "node:fs";
import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { type CLibrary, openCLibrary } from "../../platform/c-library.ts";

/** For kernels from 5.12, with more features from 6.5. Each may throw a `CallFailure`. */
export interface MountCalls {
  /** An opened, detached copy of the mount at `from`: open_tree(2), mount_setattr(2). */
  readonly copy: (from: number, readOnly: boolean) => number;
  /** Mounts a copy over `onto`. */
  readonly attach: (copy: number, onto: number) => void;
  /** Mounts a copy beneath the mount that `top` is; false: the kernel or this place does not allow it. */
  readonly attachBeneath: (copy: number, top: number) => boolean;
  /** Detaches the mount at `top`, even with open files; false: nothing is mounted there. */
  readonly detach: (top: number) => boolean;
}

/** The kernel refused a call; `code` is as in errno(3). */
export class CallFailure extends Error {
  readonly code: string;
  constructor(errno: number) {
    super(getSystemErrorMessage(-errno));
    this.name = "CallFailure";
    this.code = getSystemErrorName(-errno);
  }
}

// From <asm-generic/unistd.h>: the newer calls have the same number on every architecture.
const SYS_open_tree = 428;
const SYS_move_mount = 429;
const SYS_mount_setattr = 442;
// From <linux/fcntl.h> and <linux/mount.h>.
const AT_EMPTY_PATH = 0x1000;
const OPEN_TREE_CLONE = 0x1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_EMPTY_PATHS = 0x4 | 0x40;
const MOVE_MOUNT_BENEATH = 0x200;
const MOUNT_ATTR_RDONLY = 0x1n;
const MS_SLAVE = 1n << 19n;
const MS_SHARED = 1n << 20n;
const MNT_DETACH = 2;

const symbols = {
  /** All three calls that are made by number: number, descriptor, path, number, pointer, number. */
  syscall: { arguments: ["i64", "i64", "pointer", "i64", "pointer", "i64"], return: "i64" },
  umount2: { arguments: ["pointer", "i32"], return: "i32" },
  __errno_location: { arguments: [], return: "pointer" },
} as const;

/** The last two arguments of a call. */
interface Last {
  readonly pointer: Buffer | null;
  readonly last: number;
}

/** Null when node cannot call the C library: before 26, or without glibc. */
export function findMountCalls(): MountCalls | null {
  const library = openCLibrary(symbols);
  return library && createMountCalls(library);
}

function createMountCalls({ functions: c, getInt32 }: CLibrary<typeof symbols>): MountCalls {
  const noPath = Buffer.alloc(1);
  const failure = () => new CallFailure(getInt32(c.__errno_location()));
  const call = (nr: number, fd: number, number: number, { pointer, last }: Last): number => {
    const result = c.syscall(BigInt(nr), BigInt(fd), noPath, BigInt(number), pointer, BigInt(last));
    if (result < 0n) throw failure();
    return Number(result);
  };
  const move = (copy: number, to: number, flags: number) =>
    call(SYS_move_mount, copy, to, { pointer: noPath, last: MOVE_MOUNT_EMPTY_PATHS | flags });
  return {
    copy: (from, readOnly) => {
      const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
      const copy = call(SYS_open_tree, from, flags, { pointer: null, last: 0 });
      try {
        for (const attributes of attributesOf(readOnly))
          call(SYS_mount_setattr, copy, AT_EMPTY_PATH, { pointer: attributes, last: attributes.length });
      } catch (error) {
        closeSync(copy);
        throw error;
      }
      return copy;
    },
    attach: (copy, onto) => void move(copy, onto, 0),
    attachBeneath: (copy, top) => isDone(() => move(copy, top, MOVE_MOUNT_BENEATH)),
    detach: (top) =>
      isDone(() => {
        if (c.umount2(Buffer.from(`/proc/self/fd/${top}\0`), MNT_DETACH) !== 0) throw failure();
      }),
  };
}

/** `struct mount_attr` each: what to set, what to clear, propagation, user namespace. */
function attributesOf(readOnly: boolean): Buffer[] {
  const [set, clear] = readOnly ? [MOUNT_ATTR_RDONLY, 0n] : [0n, MOUNT_ATTR_RDONLY];
  return [
    [set, clear, MS_SLAVE, 0n],
    [0n, 0n, MS_SHARED, 0n],
  ].map((fields) => Buffer.from(BigUint64Array.from(fields).buffer));
}

/** False when the kernel says that this is not possible here. */
function isDone(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof CallFailure && error.code === "EINVAL") return false;
    throw error;
  }
}
