/** Reads small files that control access, only while no user but root (or the daemon's own) can change them. */
import { readFileSync, type Stats, statSync } from "node:fs";
import { messageOf } from "../../model/text/error-message.ts";
import { realOf, untrustedPart } from "./trust.ts";

export type RootFile =
  | { readonly ok: true; readonly bytes: Buffer }
  /** What is wrong, after the path: `does not exist; give …`. */
  | { readonly ok: false; readonly why: string };

/** Follows symlinks as long as no other user can change them or their targets. `what`: `the file of a public key`. */
export function readRootFile(path: string, what: string, maxBytes: number): RootFile {
  try {
    const real = realOf(path);
    if (real === null) return { ok: false, why: `does not exist; give ${what}` };
    const seen = statSync(real);
    if (!seen.isFile()) return { ok: false, why: `is not a file; give ${what}` };
    if (seen.size > maxBytes)
      return { ok: false, why: `has ${seen.size} bytes; it may have ${maxBytes}: give ${what}` };
    // Users who can write there could grant themselves access.
    const open = untrustedPart(path) ?? untrustedPart(real) ?? (isOpen(seen, 0o022) ? real : null);
    if (open === null) return { ok: true, bytes: readFileSync(real) };
    const where = JSON.stringify(open);
    return { ok: false, why: `could be changed by others than root; look at owner and mode of ${where}` };
  } catch (error) {
    return { ok: false, why: `cannot be read: ${messageOf(error)}` };
  }
}

/** Whether it belongs to another user than root and the daemon's own, or its mode has one of these bits. */
export function isOpen({ uid, mode }: Stats, bits: number): boolean {
  return (uid !== 0 && uid !== process.getuid?.()) || (mode & bits) !== 0;
}
