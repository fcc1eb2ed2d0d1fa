/** Judges one SSH login attempt. */
import type { Caller } from "../../api/caller.ts";
import { findKey, fromWire, isSignedBy, type KnownKey } from "../../model/ssh-public-key.ts";

/** One request of the authentication protocol (RFC 4252), as ssh2 passes it. */
export interface LoginAttempt {
  readonly method: string;
  readonly key?: { readonly data: Buffer };
  /** Absent: the client offers the key before it signs. */
  readonly signature?: Buffer | undefined;
  readonly blob?: Buffer | undefined;
  readonly hashAlgo?: string | undefined;
}

export type Verdict =
  | { readonly is: "good"; readonly key: KnownKey }
  /** Not counted as a failure: no credential was shown yet. */
  | { readonly is: "sign first" | "not that way" }
  | { readonly is: "wrong" };

/**
 * The user name is ignored; only the key counts. Every offered key has to sign, and every signature is checked:
 * neither the reply nor its timing reveals whether a public key is accepted.
 */
export function judge(
  { method, key, signature, blob, hashAlgo }: LoginAttempt,
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
