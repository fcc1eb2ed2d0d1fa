/** The name lookups that the kernel does to resolve a path, through every symlink. */
import { readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { resultOr } from "./write-whole.ts";

/** `name` is looked up in `directory`, a path without symlinks. */
export interface Lookup {
  readonly directory: string;
  readonly name: string;
}

/** As many symlinks as the kernel follows, each with a path of some length. */
const lookupsMax = 400;

/** The path can only lead elsewhere after one of these names has changed. */
export function lookupsOf(path: string): Lookup[] {
  const found: Lookup[] = [];
  let left = partsOf(resolve(path));
  let directory = "/";
  while (left.length > 0 && found.length < lookupsMax) {
    const [name = ".", ...rest] = left;
    left = rest;
    if (name === "..") directory = dirname(directory);
    if (name === "." || name === "..") continue;
    found.push({ directory, name });
    const target = symlinkAt(join(directory, name));
    if (target === null) directory = join(directory, name);
    else if (target.startsWith("/")) directory = "/";
    if (target !== null) left = [...partsOf(target), ...left];
  }
  return found;
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}

/** Null: not a symlink. */
function symlinkAt(path: string): string | null {
  return resultOr(null, ["EINVAL", "ENOENT", "ENOTDIR"], () => readlinkSync(path));
}
