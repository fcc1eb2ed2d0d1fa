/** Who may come in by SSH: judges one try to log in. */
import type { Caller } from "../../api/caller.ts";
import { findKey, fromWire, isSignedBy, type KnownKey } from "../../model/ssh-public-key.ts";

/** One request of the authentication protocol (RFC 4252), as the SSH library gives it. */
export interface LoginTry {
  readonly method: string;
  readonly key?: { readonly data: Buffer };
  /** Absent: the client asks whether it is worth signing with this key. */
  readonly signature?: Buffer | undefined;
  readonly blob?: Buffer | undefined;
  readonly hashAlgo?: string | undefined;
}

export type Verdict =
  | { readonly is: "good"; readonly key: KnownKey }
  /** Of no consequence, for no credential was shown yet. */
  | { readonly is: "sign first" | "not that way" }
  | { readonly is: "wrong" };

/**
 * Any user name will do, the key alone decides. Every key is asked for its signature, and every signature is checked:
 * neither the answer nor its time tells a stranger with somebody's public key whether that one may come in.
 */
export function judge(
  { method, key, signature, blob, hashAlgo }: LoginTry,
  known: readonly KnownKey[],
): Verdict {
  if (method !== "publickey") return { is: method === "none" ? "not that way" : "wrong" };
  const shown = key === undefined ? null : fromWire(key.data);
  if (signature === undefined || blob === undefined)
    return { is: shown === null ? "not that way" : "sign first" };
  if (shown === null) return { is: "wrong" };
  const found = findKey(known, shown);
  const signed = isSignedBy(shown, { signed: blob, signature, hash: hashAlgo });
  return signed && found !== null ? { is: "good", key: found } : { is: "wrong" };
}

export function callerOf(key: KnownKey, from: string): Caller {
  return {
    role: key.readOnly ? "read" : "operate",
    who: `key ${key.comment || key.fingerprint}`,
    door: "ssh",
    from,
    credential: key.fingerprint,
  };
}
