/** The JSON of the contents of local edits. */
import * as z from "zod/mini";
import { commit } from "./values.ts";

export const driftDiffReply = z.object({
  /** The commit of the checkout; null: there is none. */
  base: z.nullable(commit),
  /** The local edits as `git diff` prints them; invalid UTF-8 is `\351`. Empty: none. */
  diff: z.string(),
  /** The patch is too long: `diff` has only the names of the files. */
  truncated: z.boolean(),
  /** Edited files that are missing in it, and why. */
  omitted: z.array(z.object({ path: z.string(), why: z.string() })),
});
export type DriftDiffReply = z.infer<typeof driftDiffReply>;
