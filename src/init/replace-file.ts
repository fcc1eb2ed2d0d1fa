/** Writes a file whole, and removes what an earlier run that was killed has left beside it. */
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeFileAtomic } from "../platform/files/write-whole.ts";

export function replaceFile(path: string, text: string, mode = 0o644): void {
  const [directory, prefix] = [dirname(path), `${basename(path)}.`];
  for (const name of readdirSync(directory))
    if (name.startsWith(prefix) && /^\d+\.new$/.test(name.slice(prefix.length)))
      rmSync(join(directory, name), { force: true });
  writeFileAtomic(path, text, mode);
}
