/** A deployment that is under way, in the details of its service and in the stream of events. */
import * as z from "zod/mini";
import { stepWords } from "../model/progress.ts";
import { commit, count, instant } from "./values.ts";

export const deploying = z.object({
  /** What goes in. */
  commit,
  trigger: z.string(),
  /** The person whose request it is; empty: it is none. */
  by: z.optional(z.string()),
  /** What is being done, in this order; steps that are not needed are left out. */
  step: z.enum(stepWords),
  /** What is run for the step, such as `nginx -t` or `systemctl reload`; empty: nothing to add. */
  detail: z.string(),
  /** When the deployment began. */
  since: instant,
  /** For how long the step has been under way. */
  seconds: count,
  /** What is known of the health so far, such as `healthy 4/10 s`; empty before that step. */
  probe: z.string(),
});

/** In the stream alone, and not kept: it has no id, and is not sent again after a lost connection. */
export const progressRow = z.object({
  at: instant,
  type: z.literal("progress"),
  service: z.string(),
  /** For people, in one line. */
  text: z.string(),
  ...deploying.shape,
});
export type ProgressRow = z.infer<typeof progressRow>;
