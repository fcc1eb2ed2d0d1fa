/** The messages for callers that lack the role for their request; pure. */
import type { Caller } from "../api/caller.ts";
import type { Route } from "../api/route.ts";

/** Explains to a caller without a role how to authenticate, and nothing about the host. */
export const stranger =
  "You have to say who you are: with a token (--token, or Authorization: Bearer), a client certificate, or a key over SSH; gitopperctl token new on that host creates a token";

/** The prefixes of `Caller.who`, and what to do about the role of each. */
const credentials: readonly (readonly [string, string])[] = [
  ["token ", "use a token that has it"],
  ["key ", "its entry in the host's config has ro = true"],
  ["certificate ", "its entry in the host's config has another role"],
];

const elsewhere: Readonly<Record<NonNullable<Caller["limited"]>, string>> = {
  "over plain HTTP": "go there over HTTPS or SSH",
  "for a web page": "use gitopperctl",
};

/** For a request for a change by a caller that may only read. */
export function mayOnlyRead({ who, door, limited }: Caller, { act, method, path }: Route): string {
  const needs = `${act ?? `${method} ${path}`} needs the role operate`;
  const found = credentials.find(([kind]) => who.startsWith(kind));
  if (found === undefined) {
    const remedy = door === "socket" ? "be root" : "be root on the host, or show a token or key that has it";
    return `You (${who}) may only read: ${needs}; ${remedy}`;
  }
  const [kind, remedy] = found;
  const mine = `Your ${kind}${JSON.stringify(who.slice(kind.length))} may only read`;
  if (limited !== undefined) return `${mine} ${limited}: ${needs}; ${elsewhere[limited]}`;
  return `${mine}: ${needs}; ${remedy}`;
}
