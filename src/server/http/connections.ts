/** The connections at a door: limited in all and for each peer, and where there are too many those go first that have not asked. */
import type { Socket } from "node:net";
import type { Role } from "../../api/caller.ts";
import { peerOf } from "../address.ts";
import { Crowd, type Seat } from "./connection-limiter.ts";

/** Waits, asks for nothing yet, or has been answered. */
const waiting = 0;
const ranks: Readonly<Record<Role, number>> = { read: 1, operate: 2 };
/** Any newcomer may be an operator. */
const above = ranks.operate;

export class Connections {
  readonly #crowd: Crowd;
  readonly #seats = new Map<Socket | string, Seat>();

  constructor(limits: { readonly total: number; readonly each: number }) {
    this.#crowd = new Crowd(limits);
  }

  /** False: there is no room, and the connection is closed. `user`: who it is where it has no address. */
  admit(socket: Socket, user?: number | null): boolean {
    const key = keyOf(socket);
    const peer = socket.remoteAddress === undefined ? `user ${user}` : peerOf(socket.remoteAddress);
    const seat = this.#crowd.enter(peer, { rank: waiting, above, hangUp: () => void socket.destroy() });
    if (seat === null) {
      socket.destroy();
      return false;
    }
    this.#seats.set(key, seat);
    socket.once("close", () => {
      seat.leave();
      if (this.#seats.get(key) === seat) this.#seats.delete(key);
    });
    return true;
  }

  /** What the connection is there for now; null: it waits. A TLS socket stands for the connection that it is on. */
  serve(socket: Socket, role: Role | null): void {
    this.#seats.get(keyOf(socket))?.setRank(role === null ? waiting : ranks[role]);
  }
}

/** TLS has a socket of its own over the one that was admitted; both have the same other end. */
function keyOf(socket: Socket): Socket | string {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
