/** The caller of a request, as its listener has identified it. */

/** `operate` includes `read`. */
export type Role = "read" | "operate";

export type DoorName = "socket" | "http" | "https" | "ssh";

export interface Caller {
  /** Null: the caller is unknown and gets nothing. */
  readonly role: Role | null;
  /** The caller's name for people and the audit trail: `root`, `token ci`, `key ops@desk`, `certificate CN=prometheus`, `anyone`. */
  readonly who: string;
  readonly door: DoorName;
  /** The remote address; `local` for the Unix socket. */
  readonly from: string;
  /** Why the role is less than that of the credential; absent: it is the same. */
  readonly limited?: "over plain HTTP" | "for a web page";
  /** Identifies the credential: a token's id or a fingerprint; empty without one. */
  readonly credential: string;
}

export function may(caller: Caller, needed: Role): boolean {
  return caller.role === "operate" || caller.role === needed;
}
