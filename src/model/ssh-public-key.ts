/** SSH public keys: lines of authorized_keys(5), and their wire format (RFC 4253, 6.6). */
import { createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { fingerprintOf } from "./fingerprint.ts";

export interface PublicKey {
  readonly type: string;
  readonly blob: Buffer;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
}

/** An accepted key. */
export interface KnownKey extends PublicKey {
  /** The comment of the key's line; may be empty. */
  readonly comment: string;
  readonly readOnly: boolean;
}

/** `why` follows the file's name in a message: what is wrong, and what would be right. */
export type ParsedKeys =
  | { readonly ok: true; readonly keys: readonly Omit<KnownKey, "readOnly">[] }
  | { readonly ok: false; readonly why: string };

const linesMax = 100;
const rsaBitsMin = 2048;
const rsaBytesMax = 1024;
const right = 'it takes lines such as "ssh-ed25519 AAAA… name", the .pub file of ssh-keygen';

/** Parses a file with a key per line; empty lines and comments (#) are skipped. */
export function parseKeyFile(text: string): ParsedKeys {
  if (/PRIVATE KEY-----|^PuTTY-User-Key-File/m.test(text))
    return { ok: false, why: "has a private key; give the public one, the .pub file beside it" };
  if (text.includes("---- BEGIN SSH2 PUBLIC KEY ----"))
    return {
      ok: false,
      why: `is in the form of RFC 4716; ${right}; ssh-keygen -i -f turns one into the other`,
    };
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.length === 0) return { ok: false, why: `has no key; ${right}` };
  if (lines.length > linesMax) return { ok: false, why: `has ${lines.length} keys; it may have ${linesMax}` };
  const keys = lines.map(parseLine);
  const wrong = keys.find((key) => typeof key === "string");
  if (wrong !== undefined) return { ok: false, why: wrong };
  return { ok: true, keys: keys.filter((key) => typeof key !== "string") };
}

function parseLine(line: string): Omit<KnownKey, "readOnly"> | string {
  const [type = "", base64 = "", ...comment] = line.split(/\s+/);
  if (!Object.hasOwn(kinds, type)) return refuseType(type);
  const blob = Buffer.from(base64, "base64");
  const key = withoutPadding(blob.toString("base64")) === withoutPadding(base64) ? fromWire(blob) : null;
  if (key === null || key.type !== type) return `has a damaged key of type ${type}; ${right}`;
  const bits = toKeyObject(blob)?.asymmetricKeyDetails?.modulusLength ?? rsaBitsMin;
  if (bits < rsaBitsMin)
    return `has an RSA key of ${bits} bits; it needs ${rsaBitsMin}, or better an ed25519 key`;
  return { ...key, comment: comment.join(" ") };
}

function refuseType(type: string): string {
  const known = Object.keys(kinds).join(", ");
  if (/cert-v01@openssh\.com$/.test(type)) return `has a certificate; give the plain public key (${known})`;
  if (/^(?:sk-|ssh-|ecdsa-)[\w@.-]{1,60}$/.test(type))
    return `has a key of type ${type}; use one of ${known}`;
  return `is not a public key; ${right}, and no options before it`;
}

/** Base64 as in OpenSSH's fingerprints, with or without padding. */
function withoutPadding(base64: string): string {
  return base64.replaceAll("=", "");
}

type Jwk = Readonly<Record<string, string>>;
/** The fields of a blob after its type, as a JWK; null: malformed. */
type Kind = { readonly hash: string | null; readonly toJwk: (fields: readonly Buffer[]) => Jwk | null };

const url = (bytes: Buffer | undefined): string => (bytes ?? Buffer.alloc(0)).toString("base64url");

/** RFC 5656, 3.1: the curve's name, and an uncompressed point. */
const ecdsa = (name: string, crv: string, bytes: number, hash: string): Kind => ({
  hash,
  toJwk: ([curve, point]) =>
    curve?.toString() === name && point?.length === 1 + 2 * bytes && point[0] === 4
      ? { kty: "EC", crv, x: url(point.subarray(1, 1 + bytes)), y: url(point.subarray(1 + bytes)) }
      : null,
});

const kinds: Readonly<Record<string, Kind>> = {
  // RFC 8709
  "ssh-ed25519": {
    hash: null,
    toJwk: ([x]) => (x?.length === 32 ? { kty: "OKP", crv: "Ed25519", x: url(x) } : null),
  },
  "ecdsa-sha2-nistp256": ecdsa("nistp256", "P-256", 32, "sha256"),
  "ecdsa-sha2-nistp384": ecdsa("nistp384", "P-384", 48, "sha384"),
  "ecdsa-sha2-nistp521": ecdsa("nistp521", "P-521", 66, "sha512"),
  // The hash comes from the signature (RFC 8332). The size of unknown keys is limited, because checking costs time.
  "ssh-rsa": {
    hash: "",
    toJwk: ([e, n]) =>
      e && n && e.length <= 8 && n.length <= rsaBytesMax + 1 ? { kty: "RSA", e: url(e), n: url(n) } : null,
  },
};

/** Parses a key from its wire format; null: malformed, or a type that is not accepted. */
export function fromWire(blob: Buffer): PublicKey | null {
  const type = readFields(blob)?.[0]?.toString("latin1") ?? "";
  if (!Object.hasOwn(kinds, type) || toKeyObject(blob) === null) return null;
  return { type, blob, fingerprint: fingerprintOf(blob) };
}

function toKeyObject(blob: Buffer): KeyObject | null {
  const [type, ...fields] = readFields(blob) ?? [];
  const jwk = kinds[type?.toString("latin1") ?? ""]?.toJwk(fields) ?? null;
  if (jwk === null) return null;
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    // Such as a point that is not on its curve.
    return null;
  }
}

const fieldsMax = 4;

/** RFC 4251, 5: each field is prefixed with its length; null: they do not fill the blob. */
function readFields(blob: Buffer): readonly Buffer[] | null {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length || fields.length === fieldsMax) return null;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return null;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

export interface Signature {
  readonly signed: Buffer;
  /** ECDSA signatures in DER. */
  readonly signature: Buffer;
  /** For RSA, from the name of the signature; other key types have a fixed hash. */
  readonly hash: string | undefined;
}

/** Whether the signature is by this key; RSA with SHA-1 is not accepted. */
export function isSignedBy({ type, blob }: PublicKey, { signed, signature, hash }: Signature): boolean {
  const key = toKeyObject(blob);
  const algorithm = type === "ssh-rsa" ? (hash ?? "") : (kinds[type]?.hash ?? null);
  if (key === null || (type === "ssh-rsa" && !["sha256", "sha512"].includes(algorithm ?? ""))) return false;
  try {
    return verify(algorithm, signed, key, signature);
  } catch {
    return false;
  }
}

/** The known key equal to this one; its timing does not reveal which one, or whether there is one. */
export function findKey<K extends PublicKey>(known: readonly K[], wanted: PublicKey): K | null {
  let found: K | null = null;
  for (const key of known)
    if (timingSafeEqual(Buffer.from(key.fingerprint), Buffer.from(wanted.fingerprint))) found ??= key;
  return found;
}
