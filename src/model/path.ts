/** Types of checked paths, so that a path in a repository is not taken for one on the host. */
import { posix } from "node:path";

declare const absBrand: unique symbol;
/** An absolute, normalised path without a trailing slash. */
export type AbsPath = string & { readonly [absBrand]: true };

declare const repoBrand: unique symbol;
/** A normalised path inside a repository, relative to its root; `.` is the root itself. */
export type RepoPath = string & { readonly [repoBrand]: true };

/** Null: the text is not absolute, or has a NUL or a line break. */
export function parseAbsPath(text: string): AbsPath | null {
  if (!text.startsWith("/") || /[\0\n]/.test(text)) return null;
  const normal = posix.normalize(text);
  return (normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal) as AbsPath;
}

/** Null: the text is empty or absolute, leaves the repository, or enters a `.git`. */
export function parseRepoPath(text: string): RepoPath | null {
  if (text === "" || text.startsWith("/") || /[\0\n]/.test(text)) return null;
  const normal = posix.normalize(text).replace(/\/$/, "");
  const parts = normal.split("/");
  if (parts[0] === ".." || parts.some((part) => part.toLowerCase() === ".git")) return null;
  return normal as RepoPath;
}

/** The path of a repository's file in a checkout. */
export function inCheckout(checkout: AbsPath, link: RepoPath): AbsPath {
  return posix.join(checkout, link) as AbsPath;
}

/** True for `place` itself and for everything below it; every path of its kind is below `.` and `/`. */
export function isAtOrBelow(path: string, place: string): boolean {
  return place === "." || path === place || path.startsWith(place === "/" ? "/" : `${place}/`);
}
