/** Parses an upstream's URL. */
import { decodePercent, withoutTrailing } from "../model/text/untrusted.ts";

/**
 * The URL without its user part, and the line for git-credential-store(1) with it (empty without). The user part ends
 * at the last "@" of the host part, because people paste passwords unescaped.
 */
export function splitCredentials(upstream: string): { readonly url: string; readonly credentials: string } {
  const [, scheme, authority = "", path] = /^(https?:\/\/)([^/]*)(.*)/s.exec(upstream) ?? [];
  const at = authority.lastIndexOf("@");
  const [user, host] = [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)];
  if (user === "" || host === "") return { url: upstream, credentials: "" };
  // Git ends the user part of a credential at the first one.
  const credentials = `${scheme}${user.replaceAll("@", "%40")}@${host}\n`;
  return { url: `${scheme}${host}${path}`, credentials };
}

/** The suffixes that git tries in search of a repository (git-upload-pack(1), `--strict`). */
const endings = ["", ".git", "/.git", ".git/.git"];

/** The paths where git may find the repository of a local upstream; empty for any other upstream. */
export function localRepositories(upstream: string): string[] {
  const path = localPath(upstream);
  if (path === null) return [];
  const base = withoutTrailing(path, "/");
  return base === "" ? ["/"] : endings.map((ending) => base + ending);
}

/** The file of an upstream that was made by git-bundle(1), known by its name: it may not be there yet. Null: no bundle. */
export function bundlePath(upstream: string): string | null {
  const path = localPath(upstream);
  return path?.endsWith(".bundle") ? path : null;
}

function localPath(upstream: string): string | null {
  if (upstream.startsWith("/")) return upstream;
  return upstream.startsWith("file://") ? decodePercent(upstream.slice("file://".length)) : null;
}
