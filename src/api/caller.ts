/** Who asks, as the door that let it in has found out. */

/** `operate` includes `read`. */
export type Role = "read" | "operate";

export type DoorName = "socket" | "http" | "https" | "ssh";

export interface Caller {
  /** Null: a stranger, who gets nothing. */
  readonly role: Role | null;
  /** For people and the audit trail, such as `root`, `token ci`, `key ops@desk`, `certificate CN=prometheus`, `anyone`. */
  readonly who: string;
  readonly door: DoorName;
  /** The remote address; `local` where it came through the socket. */
  readonly from: string;
  /** Why the role is less than that of the credential; absent: it is not. */
  readonly limited?: "over plain HTTP" | "for a web page";
  /** What tells one credential from another: a token's id, a fingerprint; empty when there is none. */
  readonly credential: string;
}

export function may(caller: Caller, needed: Role): boolean {
  return caller.role === "operate" || caller.role === needed;
}
