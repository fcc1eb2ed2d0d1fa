/** The file that names a checkout's git directory; see gitrepository-layout(5), "gitfile". */
import { basename, dirname, join } from "node:path";
import type { AbsPath } from "./path.ts";

/** Its path for a checkout that is mounted as a whole, so that the mount shows no file of git. */
export function pointerBeside(checkout: string): AbsPath {
  return join(dirname(checkout), `.${basename(checkout)}.git`) as AbsPath;
}

/** The directory that a pointer names; null: the text is not a pointer. */
export function parsePointer(text: string | null): string | null {
  return /^gitdir: (\/.+)\n$/.exec(text ?? "")?.[1] ?? null;
}
