/** Corrects algorithm names that ssh2 gets wrong and that clients compare, on each connection. */
import type { AuthContext, Connection } from "ssh2";

/** The algorithms that `isSignedBy` accepts, listed as in RFC 8308, 3.1; none with SHA-1. */
const signatureAlgorithms = [
  ...["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  ...["rsa-sha2-512", "rsa-sha2-256"],
].join(",");

/** SSH_MSG_EXT_INFO of RFC 8308, with its one extension. */
const extInfo = 7;

/** Internals of ssh2 that build packets; its types do not declare them. */
interface Protocol {
  readonly _packetRW: { readonly write: Writer };
  _onHandshakeComplete: (...negotiated: unknown[]) => void;
}

interface Writer {
  readonly allocStart: number;
  readonly alloc: (bytes: number) => Buffer;
  finalize: (packet: Buffer, force?: boolean) => Buffer;
}

/**
 * Announces the accepted signature algorithms. The list of ssh2 lacks a comma before `rsa-sha2-512` and offers
 * algorithms that are refused. Call it before the key exchange.
 */
export function announceSignatureAlgorithms(connection: Connection): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: Protocol };
  const complete = protocol._onHandshakeComplete;
  protocol._onHandshakeComplete = (...negotiated) => {
    protocol._onHandshakeComplete = complete;
    // New keys bring a new writer; the list is its first packet.
    const restore = correctExtInfo(protocol._packetRW.write);
    complete(...negotiated);
    restore();
  };
}

/** Returns the function that undoes it, because later packets may have another form. */
function correctExtInfo(write: Writer): () => void {
  const finalize = write.finalize;
  write.finalize = (packet, force) => {
    if (packet[write.allocStart] !== extInfo) return finalize.call(write, packet, force);
    const payload = renderExtInfo();
    const ours = write.alloc(payload.length);
    ours.set(payload, write.allocStart);
    return finalize.call(write, ours, force);
  };
  return () => {
    write.finalize = finalize;
  };
}

function renderExtInfo(): Buffer {
  const count = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat([Buffer.from([extInfo]), count, field("server-sig-algs"), field(signatureAlgorithms)]);
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Accepts a key under the algorithm name that the client sent (RFC 4252, 7): ssh2 replies `ssh-rsa` for all of RSA,
 * and golang.org/x/crypto before 0.23 takes that for a refusal.
 */
export function acceptKey(attempt: AuthContext): void {
  if (attempt.method === "publickey" && attempt.key.algo === "ssh-rsa" && attempt.hashAlgo !== undefined)
    attempt.key.algo = `rsa-sha2-${attempt.hashAlgo.slice("sha".length)}`;
  attempt.accept();
}
