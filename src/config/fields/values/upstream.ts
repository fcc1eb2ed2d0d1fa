/** Accepts upstreams that are safe for git: no transport that runs a command, nothing that reads as an option. */
import { decodePercent } from "../../../model/text/untrusted.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

const schemes: readonly string[] = ["https", "http", "ssh", "git", "file"];
const right = 'use a URL (https://, ssh://, …), "git@host:path", or an absolute path';

/** The upstream as written. Messages never quote it, because it may contain a password. */
export function parseUpstream(text: string): Parsed<string> {
  if (text.startsWith("-")) return refuse(`starts with "-", which git would take for an option; ${right}`);
  if (/^[A-Za-z0-9+.-]*::/.test(text)) return refuse(`uses a transport ("::") that runs a command; ${right}`);
  if (text.startsWith("/")) return accept(text);
  const scheme = /^([^/]*):\/\//.exec(text)?.[1];
  return scheme === undefined ? parseScpForm(text) : parseUrl(scheme, text);
}

function parseUrl(scheme: string, text: string): Parsed<string> {
  if (!schemes.includes(scheme))
    return refuse(`uses a transport that is not allowed; use one of ${schemes.join(", ")}`);
  if (/\s/.test(text)) return refuse('has a space; write it as "%20"');
  const rest = text.slice(scheme.length + 3);
  if (scheme === "file") return parseFileUrl(rest, text);
  // Git decodes a URL before it passes the host to ssh.
  const authority = decodePercent(rest.split(/[/?#]/, 1)[0] ?? "");
  const host = authority?.slice(authority.lastIndexOf("@") + 1);
  if (!authority || !host || !URL.canParse(text))
    return refuse(`is not a valid URL; use one such as "${scheme}://example.org/config.git"`);
  if (authority.startsWith("-") || host.startsWith("-")) return refuseHost();
  return accept(text);
}

function parseFileUrl(path: string, text: string): Parsed<string> {
  if (!path.startsWith("/")) return refuse('is not absolute; use "file:///srv/git/config.git"');
  if (decodePercent(path) === null) return refuse('has a "%" without two hex digits; write it as "%25"');
  return accept(text);
}

/** `user@host:path`, as git-clone(1) has it; brackets are for an IPv6 address. */
function parseScpForm(text: string): Parsed<string> {
  const form = /^(?:[^@:/\s]+@)?(\[[0-9a-fA-F:.]+\]|[^@:/[\]\s]+):(.+)$/.exec(text);
  if (form === null) return refuse(`is neither a URL nor an absolute path; ${right}`);
  const [, host = "", path = ""] = form;
  if (host.startsWith("-")) return refuseHost();
  if (path.startsWith("-")) return refuse('has a path that starts with "-"; start it with "./"');
  return accept(text);
}

function refuseHost(): Parsed<never> {
  return refuse(`has a host that starts with "-", which ssh would take for an option; ${right}`);
}
