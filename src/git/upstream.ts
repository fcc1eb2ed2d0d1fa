/** What can be told from an upstream's URL alone. */
import { withoutTrailing } from "../model/text/pieces.ts";

/**
 * The URL without its user part, and the line for git-credential-store(1) that has it (empty without). The user part
 * ends at the last "@" of the host's part: people paste passwords as they are.
 */
export function splitCredentials(upstream: string): { readonly url: string; readonly credentials: string } {
  const [, scheme, authority = "", path] = /^(https?:\/\/)([^/]*)(.*)/s.exec(upstream) ?? [];
  const at = authority.lastIndexOf("@");
  const [user, host] = [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)];
  if (user === "" || host === "") return { url: upstream, credentials: "" };
  // Git itself ends the user part of a credential at the first one.
  const credentials = `${scheme}${user.replaceAll("@", "%40")}@${host}\n`;
  return { url: `${scheme}${host}${path}`, credentials };
}

/** What git appends to a path in search of a repository: none, a bare one, one with files, both (git-upload-pack(1), `--strict`). */
const endings = ["", ".git", "/.git", ".git/.git"];

/** Where git may find the repository of an upstream on this host, as it spells the path then; none for any other upstream. */
export function localRepositories(upstream: string): string[] {
  const path = localPath(upstream);
  if (path === null) return [];
  const base = withoutTrailing(path, "/");
  return base === "" ? ["/"] : endings.map((ending) => base + ending);
}

function localPath(upstream: string): string | null {
  if (upstream.startsWith("/")) return upstream;
  return upstream.startsWith("file://") ? decodeURIComponent(upstream.slice("file://".length)) : null;
}
