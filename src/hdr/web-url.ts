/** Turns a git remote's URL into the page for reading and editing a file. */

/** The web address of a repository. */
interface Site {
  readonly origin: string;
  readonly host: string;
  /** Percent-encoded, without slashes at its ends. */
  readonly path: string;
}

export interface FileInRemote {
  /** As `git remote get-url` prints it. */
  readonly remote: string;
  /** A branch, or a commit id. */
  readonly branch: string;
  /** Relative to the repository's root. */
  readonly path: string;
}

/** The page of a file, in GitHub's or GitLab's form; null: the remote has no web pages. */
export function renderWebUrl({ remote, branch, path }: FileInRemote): string | null {
  const site = parseSite(remote);
  if (site === null) return null;
  const blob = site.host.includes("github") ? "blob" : "-/blob";
  return `${site.origin}/${site.path}/${blob}/${encodePath(branch)}/${encodePath(path)}`;
}

function parseSite(remote: string): Site | null {
  const url = URL.parse(remote);
  const site = /^[a-z][a-z0-9+.-]*:\/\//i.test(remote) ? url && siteOfUrl(url) : siteOfScp(remote);
  return site === null || site.host === "" || site.path === "" ? null : site;
}

/** Keeps a port of http and https; the port of ssh and git is not the web's. */
function siteOfUrl(url: URL): Site | null {
  const path = trimPath(url.pathname);
  if (/^https?:$/.test(url.protocol)) return { origin: url.origin, host: url.host, path };
  if (!/^(ssh|git\+ssh|ssh\+git|git):$/.test(url.protocol)) return null;
  return { origin: `https://${url.hostname}`, host: url.hostname, path };
}

/** `git@host:path` (git-clone(1), "scp-like syntax"): the colon comes before the first slash. */
function siteOfScp(remote: string): Site | null {
  const parts = /^(?:[^@/:]+@)?(\[[0-9a-fA-F:]+\]|[^@/:[\]]+):(?!:)(.+)$/.exec(remote);
  if (parts === null) return null;
  const [, host = "", path = ""] = parts;
  return { origin: `https://${host}`, host, path: trimPath(encodePath(path)) };
}

function trimPath(path: string): string {
  return path
    .split("/")
    .filter(Boolean)
    .join("/")
    .replace(/\.git$/, "");
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
