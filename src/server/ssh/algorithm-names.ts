/** Names of algorithms that the library ssh2 gets wrong, and that clients compare: put right on each connection. */
import type { Connection } from "ssh2";

/** Those that `isSignedBy` takes, as RFC 8308, 3.1 lists them; none with SHA-1. */
const signatureAlgorithms = [
  ...["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  ...["rsa-sha2-512", "rsa-sha2-256"],
].join(",");

/** SSH_MSG_EXT_INFO of RFC 8308, with its one extension. */
const extInfo = 7;

/** The parts of the library that build packets; they are not in its types. */
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
 * Has the connection tell which signatures are taken. The library's own list lacks a comma before `rsa-sha2-512`, and
 * offers what is refused. To be called before the key exchange.
 */
export function tellSignatureAlgorithms(connection: Connection): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: Protocol };
  const complete = protocol._onHandshakeComplete;
  protocol._onHandshakeComplete = (...negotiated) => {
    protocol._onHandshakeComplete = complete;
    // New keys have brought a new writer. The list is the first packet with them.
    const restore = correctExtInfo(protocol._packetRW.write);
    complete(...negotiated);
    restore();
  };
}

/** What comes back undoes it: later packets may be in another form. */
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
 * Accepts a key with the name of the algorithm that the client asked with (RFC 4252, 7): the library says `ssh-rsa`
 * for all of RSA, and golang.org/x/crypto before 0.23 takes that for a no.
 */
export function acceptKey(attempt: {
  readonly key?: { algo: string };
  readonly hashAlgo?: string | undefined;
  readonly accept: () => void;
}): void {
  const { key, hashAlgo } = attempt;
  if (key?.algo === "ssh-rsa" && hashAlgo !== undefined)
    key.algo = `rsa-sha2-${hashAlgo.slice("sha".length)}`;
  attempt.accept();
}
