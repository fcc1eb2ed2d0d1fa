/** Who a caller is and what it may do, from what its connection and its request show; pure. */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Caller, DoorName, Role } from "../../api/caller.ts";
import { parseSubject, type Subject } from "../../model/text/subject.ts";
import { isLoopback, unmapped } from "../address.ts";

/**
 * `socket`: the Unix socket. `loopback`: plain HTTP inside the host. `tls`: HTTPS. `insecure`: plain HTTP that the
 * config allows on any address. `metrics`: plain HTTP for a route that everyone may read.
 */
export type Entrance = "socket" | "loopback" | "tls" | "insecure" | "metrics";

/** A client certificate; `trusted` when a CA of `client_ca` vouches for it. */
export interface Certificate {
  readonly trusted: boolean;
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly fingerprint: string;
}

/** What is known of a request before it is read. */
export interface Visit {
  /** The remote address; empty when it is gone, `local` at the socket. */
  readonly from: string;
  readonly headers: IncomingHttpHeaders;
  /** The user of this host at the other end; null when that is not known. */
  readonly user: { readonly name: string; readonly operates: boolean } | null;
  readonly token: { readonly id: string; readonly name: string; readonly role: Role } | "none" | "wrong";
  readonly certificate: Certificate | null;
}

/** Whose certificates get which role; the subject is as the config has it. */
export interface Client {
  readonly subject: string;
  readonly role: Role;
}

export interface Rules {
  readonly entrance: Entrance;
  /** What this host is called, besides localhost. */
  readonly names: readonly string[];
  readonly clients: readonly Client[];
  /** What users of the host get on loopback without a credential; root operates there anyway. */
  readonly loopback: "read" | "none";
}

/** `failed`: a credential was shown, and it is not good. */
export type Identified =
  | { readonly caller: Caller }
  | { readonly refusal: string; readonly status: 401 | 403; readonly failed: boolean };

/** Judges a visit. */
export function identify(visit: Visit, rules: Rules): Identified {
  if (rules.entrance === "socket") return asUser(visit, rules);
  if (visit.token === "wrong")
    return wrong(
      "Your token is not valid here: it is unknown, has expired, or was revoked; make another: gitopperctl token new",
    );
  if (visit.token !== "none") return asToken(visit, visit.token, rules);
  if (rules.entrance === "tls") return asCertificate(visit, rules);
  const { host } = visit.headers;
  if (isLoopback(visit.from) && !isOwnName(host, rules.names)) {
    const refusal = `The Host header "${host}" is not a name of this host; use its hostname, localhost, or an IP address`;
    return { refusal, status: 403, failed: false };
  }
  return rules.entrance === "loopback" ? asNeighbour(visit, rules) : as("anyone", "read", visit, rules);
}

const doors: Readonly<Record<Entrance, DoorName>> = {
  socket: "socket",
  loopback: "http",
  insecure: "http",
  metrics: "http",
  tls: "https",
};

export function doorOf(entrance: Entrance): DoorName {
  return doors[entrance];
}

function as(
  who: string,
  role: Role | null,
  { from }: Visit,
  { entrance }: Rules,
  credential = "",
  limited: Caller["limited"] | null = null,
): Identified {
  const caller = { who, role, door: doors[entrance], from: unmapped(from), credential };
  return { caller: { ...caller, ...(limited && { limited }) } };
}

const wrong = (refusal: string): Identified => ({ refusal, status: 401, failed: true });

/** Who may connect to the socket may read: its file's mode has seen to that. */
function asUser(visit: Visit, rules: Rules): Identified {
  const { user } = visit;
  return as(user?.name ?? "a local user", user?.operates ? "operate" : "read", visit, rules);
}

/** A change must not be readable, or made, on the way: what goes over the network in the clear gets no more than reading. */
function asToken(visit: Visit, token: Exclude<Visit["token"], string>, rules: Rules): Identified {
  const isPlain = rules.entrance === "insecure";
  const limited = isPlain && token.role !== "read" ? "over plain HTTP" : null;
  return as(`token ${token.name}`, isPlain ? "read" : token.role, visit, rules, token.id, limited);
}

/** Browsers show a certificate by themselves, so a page could have sent this. */
function asCertificate(visit: Visit, rules: Rules): Identified {
  const { certificate } = visit;
  if (certificate === null) return as("a stranger", null, visit, rules);
  const client =
    certificate.trusted && rules.clients.find(({ subject }) => has(certificate, parseSubject(subject)));
  if (!client)
    return wrong(
      "Your client certificate may not come in here: the config's clients do not have its subject, or no CA of its client_ca has signed it",
    );
  const isPage = isFromPage(visit.headers);
  const limited = isPage && client.role !== "read" ? "for a web page" : null;
  const role = isPage ? "read" : client.role;
  return as(`certificate ${client.subject}`, role, visit, rules, certificate.fingerprint, limited);
}

/** Every part that the config names, with this value alone; the certificate may say more. */
function has({ subject }: Certificate, wanted: Subject | null): boolean {
  return wanted?.every(({ type, value }) => subject[type] === value) ?? false;
}

/** What a proxy adds: whoever stands behind it is not on the host. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/** Somebody on the host who shows no credential: the kernel's word is enough, unless it speaks for others. */
function asNeighbour(visit: Visit, rules: Rules): Identified {
  const { headers, user } = visit;
  const other = (who: string) => as(who, rules.loopback === "none" ? null : "read", visit, rules);
  if (user === null) return other("anyone");
  if (!user.operates) return other(user.name);
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return other("whoever is behind a proxy");
  if (isFromPage(headers)) return other("a web page");
  return as(user.name, "operate", visit, rules);
}

/** Browsers send `Origin` with every POST, and `Sec-Fetch-Site` with every request (Fetch Metadata). */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return headers.origin !== undefined || !(site === undefined || site === "none" || site === "same-origin");
}

/**
 * Keeps out a page whose own name was made to resolve to loopback (DNS rebinding). Browsers always
 * send a Host header, so a request without one is no page.
 */
function isOwnName(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  const unbracketed = /^\[(.*)\]$/.exec(name)?.[1] ?? name;
  return isIP(unbracketed) !== 0 || name === "localhost" || names.some((own) => own.toLowerCase() === name);
}
