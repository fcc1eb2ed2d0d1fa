/** Events, and the running deployment in the details of its service and in the stream of events. */
import * as z from "zod/mini";
import { stepWords } from "../model/deployment/progress.ts";
import { stateNames } from "../model/state.ts";
import { commit, count, instant, reason } from "./values.ts";

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

export const eventRow = z.object({
  id: count,
  at: instant,
  type: z.enum(["state-changed", "deployment-ended", "service-removed"]),
  service: z.string(),
  /** For people, in one line. */
  text: z.string(),
  commit: z.nullable(commit),
  state: z.nullable(z.enum(stateNames)),
  /** The reason code of the state; null for other types of event. */
  reason,
});
export type EventRow = z.infer<typeof eventRow>;
export const eventsReply = z.object({ events: z.array(eventRow) });
