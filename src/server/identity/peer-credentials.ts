/** Gets from the kernel the uid of a Unix socket's peer (unix(7), SO_PEERCRED). */
import type { Socket } from "node:net";
import { messageOf } from "../../model/text/error-message.ts";

/** The uid of the process that connected; null when it is unknown. */
export type PeerUid = (socket: Socket) => number | null;

// From <asm-generic/socket.h>, which x86, ARM, RISC-V and s390 share.
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** `struct ucred`: pid, uid and gid, 32 bits each. */
const ucredBytes = 12;
const uidOffset = 4;

/** Of the C library: getsockopt(2). */
interface Functions {
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
}

type GetSockOpt = Functions["getsockopt"];

interface Ffi {
  dlopen(library: null, symbols: object): { readonly functions: { readonly getsockopt: unknown } };
}

/** Node 26 can call the C library. With an older node the result is always null, and `log` gets one line. */
export function createPeerUid(log: (message: string) => void): PeerUid {
  const getsockopt = findGetSockOpt(log);
  return (socket) => {
    const fd = fdOf(socket);
    if (getsockopt === null || fd === null) return null;
    const value = Buffer.alloc(ucredBytes);
    const length = Buffer.alloc(4);
    new Uint32Array(length.buffer, length.byteOffset, 1)[0] = ucredBytes;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length) !== 0) return null;
    return new Uint32Array(value.buffer, value.byteOffset + uidOffset, 1)[0] ?? null;
  };
}

function findGetSockOpt(log: (message: string) => void): GetSockOpt | null {
  try {
    const ffi = process.getBuiltinModule("node:ffi") as unknown as Ffi | undefined;
    if (ffi === undefined) throw new Error("this node has no node:ffi; node 26 has");
    const signature = { arguments: ["i32", "i32", "i32", "pointer", "pointer"], return: "i32" };
    return ffi.dlopen(null, { getsockopt: signature }).functions.getsockopt as GetSockOpt;
  } catch (error) {
    log(`everyone who may connect to the socket may only read, root too: ${messageOf(error)}`);
    return null;
  }
}

/** Node has no public property for the file descriptor. */
function fdOf(socket: Socket): number | null {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : null;
}
