/** Collects the context of a request: the peer's user, token and certificate. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Tokens } from "../../api/host.ts";
import type { Certificate, ListenerKind, RequestContext } from "./identify.ts";
import type { PeerUid } from "./peer-credentials.ts";
import { readTcpOwner } from "./tcp-owner.ts";
import { userName } from "./users.ts";

export interface Sources {
  readonly kind: ListenerKind;
  readonly tokens: Pick<Tokens, "check">;
  readonly peerUid: PeerUid;
  /** Whether the reply depends on the peer's user of this host. */
  readonly isUserNeeded: boolean;
}

export async function observeRequest(request: IncomingMessage, sources: Sources): Promise<RequestContext> {
  const { kind } = sources;
  const { socket, headers } = request;
  const isTrusting = kind === "socket" || kind === "metrics";
  return {
    from: kind === "socket" ? "local" : (socket.remoteAddress ?? ""),
    headers,
    user: toUser(await observeUid(socket, sources)),
    token: isTrusting ? "none" : checkToken(headers.authorization, sources.tokens),
    certificate: kind === "tls" ? observeCertificate(socket as TLSSocket) : null,
  };
}

async function observeUid(socket: Socket, { kind, peerUid, isUserNeeded }: Sources): Promise<number | null> {
  if (kind === "socket") return peerUid(socket);
  if (kind !== "loopback" || !isUserNeeded) return null;
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (!remoteAddress || !remotePort || !localAddress || !localPort) return null;
  const client = { address: remoteAddress, port: remotePort };
  const uid = await readTcpOwner(client, { address: localAddress, port: localPort });
  // When the connection has ended meanwhile, its row in the table may belong to another connection.
  return socket.destroyed ? null : uid;
}

/** Root operates, and so does the user that the daemon runs as. */
function toUser(uid: number | null): RequestContext["user"] {
  if (uid === null) return null;
  return { name: userName(uid), operates: uid === 0 || uid === process.getuid?.() };
}

/** RFC 6750; the limit is far above the length of our tokens. */
const bearer = /^Bearer +([\w.~+/=-]{1,256}) *$/i;

function checkToken(authorization: string | undefined, tokens: Sources["tokens"]): RequestContext["token"] {
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
