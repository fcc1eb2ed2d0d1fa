/** The file that says where git keeps what it knows of a checkout; see gitrepository-layout(5), "gitfile". */
import { basename, dirname, join } from "node:path";
import type { AbsPath } from "./path.ts";

/** Where it lies for a checkout that is mounted as a whole: those who read the mount see no file of git's. */
export function pointerBeside(checkout: string): AbsPath {
  return join(dirname(checkout), `.${basename(checkout)}.git`) as AbsPath;
}

/** The directory that a pointer names; null where that text is no pointer. */
export function parsePointer(text: string | null): string | null {
  return /^gitdir: (\/.+)\n$/.exec(text ?? "")?.[1] ?? null;
}
