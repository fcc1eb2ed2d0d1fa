/** The lookups of which the kernel's way to a path consists, through every symlink. */
import { readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { hasCode } from "./write-whole.ts";

/** In `directory`, a path without symlinks, `name` is looked up. */
export interface Lookup {
  readonly directory: string;
  readonly name: string;
}

/** As many as the kernel follows symlinks, each with a path of some length. */
const lookupsMax = 400;

/** The path leads elsewhere, or to nothing, only after one of these names has changed. */
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

/** Null where there is no symlink. */
function symlinkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (hasCode(error, "EINVAL", "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}
