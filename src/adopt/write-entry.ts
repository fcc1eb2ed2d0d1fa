/** Adds the entry to the host's config. */
import { chownSync, statSync } from "node:fs";
import { realOf } from "../platform/files/trust.ts";
import { writeFileAtomic } from "../platform/files/write-whole.ts";
import { type ConfigText, withEntry } from "./config-text.ts";
import type { Published } from "./repository/publish.ts";

/** Where it was added; null: nowhere, because something on the host would change or there is no config. */
export function writeEntry(
  { path, text }: ConfigText,
  { entry, published, differences }: { entry: string; published: Published; differences: readonly string[] },
): "config" | "commit" | null {
  if (published.configAt !== null) return "commit";
  const real = realOf(path);
  if (text === null || real === null || differences.length > 0) return null;
  const { mode, uid, gid } = statSync(real);
  writeFileAtomic(real, withEntry(text, entry), mode & 0o7777);
  chownSync(real, uid, gid);
  return "config";
}
