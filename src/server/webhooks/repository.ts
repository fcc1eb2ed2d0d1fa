/** Decides whether two URLs name the same repository, however they are written; pure. */
import { decodePercent } from "../../model/text/untrusted.ts";

const urlMaxChars = 2_048;

/**
 * `https://git.example.org/team/app.git`, `ssh://git@git.example.org:2222/team/app` and `git@git.example.org:team/app`
 * are one repository. Deliberately loose: ports, users and case are ignored, because a match only causes a poll.
 */
export function isSameRepository(one: string, other: string): boolean {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a !== null && a === b;
}

/** Host and path in one form; null: not a URL. */
function placeOf(url: string): string | null {
  if (url.length > urlMaxChars) return null;
  const [, authority, path] =
    /^[a-z][a-z0-9+.-]*:\/\/([^/]*)\/([^?#]*)/i.exec(url) ??
    /^()\/([^?#]*)/.exec(url) ??
    /^((?:[^/:@]*@)?(?:\[[^\]/]*\]|[^/:]+)):(?!\/\/)([^?#]*)/.exec(url) ??
    [];
  if (authority === undefined || path === undefined) return null;
  const host = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(authority.slice(authority.lastIndexOf("@") + 1))?.[1];
  if (host === undefined) return null;
  const plain = (decodePercent(path) ?? path)
    .toLowerCase()
    .split("/")
    .filter(Boolean)
    .join("/")
    .replace(/\.git$/, "");
  return plain === "" ? null : asAzure(`${host.toLowerCase()}/${plain}`);
}

/** Azure DevOps has other hosts and paths for SSH, and omits a project with the name of its repository. */
function asAzure(place: string): string {
  return place
    .replace(/^ssh\.dev\.azure\.com\/v3\/([^/]+)\/([^/]+)\/([^/]+)$/, "dev.azure.com/$1/$2/_git/$3")
    .replace(/^vs-ssh\.visualstudio\.com\/v3\/([^/]+)\/([^/]+)\/([^/]+)$/, "$1.visualstudio.com/$2/_git/$3")
    .replace(/^([^/]+\.visualstudio\.com)\/defaultcollection\//, "$1/")
    .replace(/^(dev\.azure\.com\/[^/]+|[^/]+\.visualstudio\.com)\/_git\/([^/]+)$/, "$1/$2/_git/$2");
}
