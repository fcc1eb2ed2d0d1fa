/** Directories in /tmp for the time of one process. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsPath } from "../../model/path.ts";
import { leftoversOf } from "./write-whole.ts";

export interface TempDir {
  /** New, and closed to other users. */
  readonly path: AbsPath;
  /** Those of earlier processes that were killed; the caller removes them. */
  readonly leftovers: readonly string[];
}

export function makeTempDir(kind: "adopt" | "online"): TempDir {
  const start = join(tmpdir(), `gitopper-${kind}-`);
  const leftovers = leftoversOf(start, /^\d+-\w{6}$/);
  return { path: mkdtempSync(`${start}${process.pid}-`) as AbsPath, leftovers };
}
