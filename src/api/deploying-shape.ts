/** A running deployment, in the details of its service and in the stream of events. */
import * as z from "zod/mini";
import { stepWords } from "../model/deployment/progress.ts";
import { commit, count, instant } from "./values.ts";

export const deploying = z.object({
  /** The commit that is deployed. */
  commit,
  trigger: z.string(),
  /** The person who requested it; empty: none. */
  by: z.optional(z.string()),
  /** The step, in this order; unneeded steps are skipped. */
  step: z.enum(stepWords),
  /** The command of the step, such as `nginx -t` or `systemctl reload`; empty: none. */
  detail: z.string(),
  /** When the deployment began. */
  since: instant,
  /** How long the step has been running. */
  seconds: count,
  /** The health so far, such as `healthy 4/10 s`; empty before that step. */
  probe: z.string(),
});

/** Only streamed, not kept: it has no id, and is not sent again after a lost connection. */
export const progressRow = z.object({
  at: instant,
  type: z.literal("progress"),
  service: z.string(),
  /** For people, in one line. */
  text: z.string(),
  ...deploying.shape,
});
export type ProgressRow = z.infer<typeof progressRow>;
