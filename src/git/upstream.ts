/** What can be told from an upstream's URL alone. */

/**
 * The URL without its user part, and the line for git-credential-store(1) that has it (empty without). The user part
 * ends at the last "@" of the host's part: people paste passwords as they are.
 */
export function splitCredentials(upstream: string): { readonly url: string; readonly credentials: string } {
  const parts = /^(https?:\/\/)([^/]+)@([^/@]+)(.*)$/.exec(upstream);
  if (!parts) return { url: upstream, credentials: "" };
  const [, scheme, user = "", host, path] = parts;
  // Git itself ends the user part of a credential at the first one.
  const credentials = `${scheme}${user.replaceAll("@", "%40")}@${host}\n`;
  return { url: `${scheme}${host}${path}`, credentials };
}

/** The path of an upstream on this host, or null. */
export function localUpstreamPath(upstream: string): string | null {
  if (upstream.startsWith("/")) return upstream;
  return upstream.startsWith("file://") ? decodeURIComponent(upstream.slice("file://".length)) : null;
}
