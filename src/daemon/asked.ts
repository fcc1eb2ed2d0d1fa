/** What is asked of a service's loop: a turn, set off by something, and how it is meant. */
import type { Trigger } from "../model/deployment.ts";

export interface Asked {
  readonly trigger: Trigger;
  /** What has come in goes in now, whatever the gates say. */
  readonly overrideWindow: boolean;
}

export const byTheGates: Pick<Asked, "overrideWindow"> = { overrideWindow: false };
export const polled: Asked = { trigger: "poll", ...byTheGates };
export const told: Asked = { trigger: "webhook", ...byTheGates };

/** Two that come together are one: it keeps the more telling trigger, and what either of them may. */
export function mergeAsked(one: Asked | null | undefined, other: Asked): Asked {
  if (!one) return other;
  return {
    trigger: one.trigger === "poll" ? other.trigger : one.trigger,
    overrideWindow: one.overrideWindow || other.overrideWindow,
  };
}
