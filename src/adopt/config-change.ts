/** Adds the entry to the config in the repository, where the host's config comes from it. */
import type { Commit } from "../model/commit.ts";
import { blobId } from "./compare.ts";
import { withEntry } from "./config-text.ts";
import type { Change } from "./repository/commit.ts";
import type { Repository } from "./repository/repository.ts";

/** Null: no file of the commit has the text of the host's config. */
export async function configChange(
  { run, format }: Repository,
  base: Commit,
  extra: { readonly config: string | null; readonly entry: string } | null,
): Promise<Change | null> {
  if (extra === null || extra.config === null) return null;
  const id = blobId(Buffer.from(extra.config), format);
  const { stdout } = await run(["ls-tree", "-r", "-z", "--full-tree", base]);
  const path = stdout
    .split("\0")
    .find((record) => record.startsWith("100644 ") && record.includes(` ${id}\t`))
    ?.split("\t")[1];
  if (path === undefined) return null;
  return { path, to: { mode: "100644", content: Buffer.from(withEntry(extra.config, extra.entry)) } };
}
