/** The contents of local edits, as they go over the wire. */
import * as z from "zod/mini";
import { commit } from "./values.ts";

export const driftDiffReply = z.object({
  /** What the checkout is at; null: there is none. */
  base: z.nullable(commit),
  /** The local edits as `git diff` has them; a byte that is not UTF-8 is `\351`. Empty: there are none. */
  diff: z.string(),
  /** It is too long: `diff` has the names of the files alone. */
  truncated: z.boolean(),
  /** Edited files that are not in it, and why. */
  omitted: z.array(z.object({ path: z.string(), why: z.string() })),
});
export type DriftDiffReply = z.infer<typeof driftDiffReply>;
