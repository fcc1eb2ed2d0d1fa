/** A checkout of gitopper's that is mounted as a whole: nothing in it leads git to what it knows of it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parsePointer, pointerBeside } from "../model/pointer.ts";

export interface WholeCheckout {
  readonly checkout: string;
  readonly gitDir: string;
  /** True: git's directory is this user's. Git refuses all others, for their config can have it run programs. */
  readonly isOwn: boolean;
}

/** The one that a file is in; null where it is in none, or in a repository that git finds by itself. */
export function findWholeCheckout(file: string): WholeCheckout | null {
  for (let at = dirname(resolve(file)); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return null;
    const gitDir = parsePointer(readOrNull(pointerBeside(at)));
    const seen = gitDir === null ? undefined : statSync(gitDir, { throwIfNoEntry: false });
    if (gitDir !== null && seen !== undefined)
      return { checkout: at, gitDir, isOwn: seen.uid === process.getuid?.() };
  }
  return null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
