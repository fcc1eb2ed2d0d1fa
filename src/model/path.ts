/** Paths that have been checked, so that a repository's path is not taken for one on the host. */
import { posix } from "node:path";

declare const absBrand: unique symbol;
/** An absolute, normalised path without a trailing slash. */
export type AbsPath = string & { readonly [absBrand]: true };

declare const repoBrand: unique symbol;
/** A normalised path inside a repository, relative to its root; `.` is the root itself. */
export type RepoPath = string & { readonly [repoBrand]: true };

/** Null when the text is not absolute, or holds a NUL or a line break. */
export function parseAbsPath(text: string): AbsPath | null {
  if (!text.startsWith("/") || /[\0\n]/.test(text)) return null;
  const normal = posix.normalize(text);
  return (normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal) as AbsPath;
}

/** Null when the text is empty or absolute, leaves the repository, or goes into a `.git`. */
export function parseRepoPath(text: string): RepoPath | null {
  if (text === "" || text.startsWith("/") || /[\0\n]/.test(text)) return null;
  const normal = posix.normalize(text).replace(/\/$/, "");
  const parts = normal.split("/");
  if (parts[0] === ".." || parts.some((part) => part.toLowerCase() === ".git")) return null;
  return normal as RepoPath;
}

/** The place of a repository's path in a checkout. */
export function inCheckout(checkout: AbsPath, link: RepoPath): AbsPath {
  return posix.join(checkout, link) as AbsPath;
}

/** True for the place itself and for what is below it; all that has a path of its kind is below `.` and `/`. */
export function isAtOrBelow(path: string, place: string): boolean {
  return place === "." || path === place || path.startsWith(place === "/" ? "/" : `${place}/`);
}
