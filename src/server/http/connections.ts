/** Limits the connections of a listener, in total and per peer. When there are too many, idle ones are closed first. */
import type { Socket } from "node:net";
import type { Role } from "../../api/caller.ts";
import { peerOf } from "../address.ts";
import { type Admission, ConnectionLimiter } from "./connection-limiter.ts";

/** The connection waits, has sent no request yet, or has been answered. */
const idleRank = 0;
const ranks: Readonly<Record<Role, number>> = { read: 1, operate: 2 };
/** Any new connection may be that of an operator. */
const evictsBelow = ranks.operate;

export class Connections {
  readonly #limiter: ConnectionLimiter;
  readonly #admissions = new Map<Socket | string, Admission>();

  constructor(limits: { readonly total: number; readonly each: number }) {
    this.#limiter = new ConnectionLimiter(limits);
  }

  /** False: the limit is reached, and the connection is closed. `user`: the peer's uid on a Unix socket. */
  admit(socket: Socket, user?: number | null): boolean {
    const key = keyOf(socket);
    const peer = socket.remoteAddress === undefined ? `user ${user}` : peerOf(socket.remoteAddress);
    const admission = this.#limiter.admit(peer, {
      rank: idleRank,
      evictsBelow,
      onEvicted: () => void socket.destroy(),
    });
    if (admission === null) {
      socket.destroy();
      return false;
    }
    this.#admissions.set(key, admission);
    socket.once("close", () => {
      admission.release();
      if (this.#admissions.get(key) === admission) this.#admissions.delete(key);
    });
    return true;
  }

  /** Sets the role of the request under way; null: none. A TLS socket stands for the TCP connection below it. */
  setRole(socket: Socket, role: Role | null): void {
    this.#admissions.get(keyOf(socket))?.setRank(role === null ? idleRank : ranks[role]);
  }
}

/** TLS has a socket of its own over the one that was admitted; both have the same remote address and port. */
function keyOf(socket: Socket): Socket | string {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
