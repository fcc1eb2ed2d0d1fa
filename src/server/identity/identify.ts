/** Determines a caller's name and role from the context of its request; pure. */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Caller, DoorName, Role } from "../../api/caller.ts";
import type { ApiSettings } from "../../model/service.ts";
import { parseSubject, type Subject } from "../../model/text/subject.ts";
import { isLoopback, unmapped } from "../address.ts";

/**
 * `socket`: the Unix socket. `loopback`: plain HTTP inside the host. `tls`: HTTPS. `insecure`: plain HTTP on any
 * address, where the config allows it. `metrics`: plain HTTP for a route that any caller may read.
 */
export type ListenerKind = "socket" | "loopback" | "tls" | "insecure" | "metrics";

/** A client certificate; `trusted` when a CA of `client_ca` vouches for it. */
export interface Certificate {
  readonly trusted: boolean;
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly fingerprint: string;
}

/** What is known of a request before its body is read. */
export interface RequestContext {
  /** The remote address; empty when it is gone, `local` at the socket. */
  readonly from: string;
  readonly headers: IncomingHttpHeaders;
  /** The user of this host at the other end; null when that is not known. */
  readonly user: { readonly name: string; readonly operates: boolean } | null;
  readonly token: { readonly id: string; readonly name: string; readonly role: Role } | "none" | "wrong";
  readonly certificate: Certificate | null;
}

export interface Rules extends Pick<ApiSettings, "clients"> {
  readonly kind: ListenerKind;
  /** Names of this host besides localhost. */
  readonly names: readonly string[];
  /** What users of this host may do on loopback without a credential; root operates in any case. */
  readonly loopback: "read" | "none";
}

/** `failed`: the caller showed a credential that is not valid. */
export type Identified =
  | { readonly caller: Caller }
  | { readonly refusal: string; readonly status: 401 | 403; readonly failed: boolean };

/** Identifies the caller, or says why it is refused. */
export function identify(context: RequestContext, rules: Rules): Identified {
  if (rules.kind === "socket") return asUser(context, rules);
  if (context.token === "wrong")
    return refused(
      "Your token is not valid here: it is unknown, has expired, or was revoked; create another one on that host: gitopperctl token new",
    );
  if (context.token !== "none") return asToken(context, context.token, rules);
  if (rules.kind === "tls") return asCertificate(context, rules);
  const { host } = context.headers;
  if (isLoopback(context.from) && !isOwnName(host, rules.names)) {
    const refusal = `The Host header "${host}" is not a name of this host; use its hostname, localhost, or an IP address`;
    return { refusal, status: 403, failed: false };
  }
  return rules.kind === "loopback"
    ? asLoopbackUser(context, rules)
    : identified({ who: "anyone", role: "read" }, context, rules);
}

/** The names of the listeners in the audit trail and in metrics. */
export const doorNames: Readonly<Record<ListenerKind, DoorName>> = {
  socket: "socket",
  loopback: "http",
  insecure: "http",
  metrics: "http",
  tls: "https",
};

interface Known extends Pick<Caller, "who" | "role">, Partial<Pick<Caller, "credential">> {
  /** Null: the role is that of the credential. */
  readonly limited?: Caller["limited"] | null;
}

function identified(
  { who, role, credential = "", limited = null }: Known,
  { from }: RequestContext,
  { kind }: Rules,
): Identified {
  const caller = { who, role, door: doorNames[kind], from: unmapped(from), credential };
  return { caller: { ...caller, ...(limited && { limited }) } };
}

const refused = (refusal: string): Identified => ({ refusal, status: 401, failed: true });

/** Any user who can connect to the socket may read; the mode of its file limits the users. */
function asUser(context: RequestContext, rules: Rules): Identified {
  const { user } = context;
  const role = user?.operates ? "operate" : "read";
  return identified({ who: user?.name ?? "a local user", role }, context, rules);
}

/** Over unencrypted HTTP on the network a token may only read, because others could read or alter the request. */
function asToken(
  context: RequestContext,
  token: Exclude<RequestContext["token"], string>,
  rules: Rules,
): Identified {
  const isPlain = rules.kind === "insecure";
  const limited = isPlain && token.role !== "read" ? "over plain HTTP" : null;
  const role = isPlain ? "read" : token.role;
  return identified({ who: `token ${token.name}`, role, credential: token.id, limited }, context, rules);
}

/** Browsers send client certificates without a prompt, so a web page may have sent this request; pages only read. */
function asCertificate(context: RequestContext, rules: Rules): Identified {
  const { certificate } = context;
  if (certificate === null) return identified({ who: "a stranger", role: null }, context, rules);
  const client =
    certificate.trusted &&
    rules.clients.find(({ subject }) => matchesSubject(certificate, parseSubject(subject)));
  if (!client)
    return refused(
      "Your client certificate may not come in here: the config's clients do not have its subject, or no CA of its client_ca has signed it",
    );
  const isPage = isFromPage(context.headers);
  const limited = isPage && client.role !== "read" ? "for a web page" : null;
  const role = isPage ? "read" : client.role;
  const who = `certificate ${client.subject}`;
  return identified({ who, role, credential: certificate.fingerprint, limited }, context, rules);
}

/** Whether the certificate has every part that the config names with exactly that value; it may have more parts. */
function matchesSubject({ subject }: Certificate, wanted: Subject | null): boolean {
  return wanted?.every(({ type, value }) => subject[type] === value) ?? false;
}

/** Headers that a proxy adds: the caller behind it is not on this host. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/** A user of this host without a credential. The kernel names the user; proxies and web pages only read. */
function asLoopbackUser(context: RequestContext, rules: Rules): Identified {
  const { headers, user } = context;
  const other = (who: string) =>
    identified({ who, role: rules.loopback === "none" ? null : "read" }, context, rules);
  if (user === null) return other("anyone");
  if (!user.operates) return other(user.name);
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return other("whoever is behind a proxy");
  if (isFromPage(headers)) return other("a web page");
  return identified({ who: user.name, role: "operate" }, context, rules);
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
