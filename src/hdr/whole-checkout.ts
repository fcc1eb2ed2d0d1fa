/** A checkout of gitopper that is mounted as a whole: it contains no pointer to its git directory. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parsePointer, pointerBeside } from "../model/pointer.ts";

export interface WholeCheckout {
  readonly checkout: string;
  readonly gitDir: string;
  /** True: git's directory belongs to this user. Git refuses others, because their config can run programs. */
  readonly isOwn: boolean;
}

/** The checkout that has a file; null: none, or a repository that git finds itself. */
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
