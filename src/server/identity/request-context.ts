/** Finds out what there is to know of a request: who is at the other end, and which credentials it shows. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Tokens } from "../../api/host.ts";
import type { Certificate, Entrance, Visit } from "./identify.ts";
import type { PeerUid } from "./peer-credentials.ts";
import { readTcpOwner } from "./tcp-owner.ts";
import { userName } from "./users.ts";

export interface Observed {
  readonly entrance: Entrance;
  readonly tokens: Pick<Tokens, "check">;
  readonly peerUid: PeerUid;
  /** Whether it matters which user of this host it is. */
  readonly isUserNeeded: boolean;
}

export async function observeVisit(request: IncomingMessage, observed: Observed): Promise<Visit> {
  const { entrance } = observed;
  const { socket, headers } = request;
  const isTrusting = entrance === "socket" || entrance === "metrics";
  return {
    from: entrance === "socket" ? "local" : (socket.remoteAddress ?? ""),
    headers,
    user: toUser(await observeUid(socket, observed)),
    token: isTrusting ? "none" : checkToken(headers.authorization, observed.tokens),
    certificate: entrance === "tls" ? observeCertificate(socket as TLSSocket) : null,
  };
}

async function observeUid(
  socket: Socket,
  { entrance, peerUid, isUserNeeded }: Observed,
): Promise<number | null> {
  if (entrance === "socket") return peerUid(socket);
  if (entrance !== "loopback" || !isUserNeeded) return null;
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (!remoteAddress || !remotePort || !localAddress || !localPort) return null;
  const uid = await readTcpOwner(
    { address: remoteAddress, port: remotePort },
    { address: localAddress, port: localPort },
  );
  // A connection that ended meanwhile may have left its place in the table to another one.
  return socket.destroyed ? null : uid;
}

/** Root may do everything anyway, and so may whoever the daemon runs as. */
function toUser(uid: number | null): Visit["user"] {
  if (uid === null) return null;
  return { name: userName(uid), operates: uid === 0 || uid === process.getuid?.() };
}

/** RFC 6750; far longer than ours are. */
const bearer = /^Bearer +([\w.~+/=-]{1,256}) *$/i;

function checkToken(authorization: string | undefined, tokens: Observed["tokens"]): Visit["token"] {
  if (authorization === undefined || !/^Bearer\b/i.test(authorization)) return "none";
  const token = bearer.exec(authorization)?.[1];
  return (token !== undefined && tokens.check(token)) || "wrong";
}

function observeCertificate(socket: TLSSocket): Certificate | null {
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  // Without a certificate node gives an empty object.
  if (subject === undefined || fingerprint256 === undefined) return null;
  return {
    trusted: socket.authorized,
    subject: subject as unknown as Certificate["subject"],
    fingerprint: fingerprint256,
  };
}
