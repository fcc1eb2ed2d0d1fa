/** What is asked of a service's loop: a turn, set off by something, and how it is meant. */
import { moreTelling, type Trigger } from "../model/deployment.ts";
import type { ServiceState } from "../model/state.ts";

export interface Asked {
  readonly trigger: Trigger;
  /** What has come in goes in now, whatever the gates say. */
  readonly overrideWindow: boolean;
  /** Of the person who asked; empty: none was given. */
  readonly reason: string;
}

export const byTheGates: Omit<Asked, "trigger"> = { overrideWindow: false, reason: "" };
export const polled: Asked = { trigger: "poll", ...byTheGates };
export const told: Asked = { trigger: "webhook", ...byTheGates };

/** Two that come together are one: it keeps the more telling trigger with its reason, and what either of them may. */
export function mergeAsked(one: Asked | null | undefined, other: Asked): Asked {
  if (!one) return other;
  const trigger = moreTelling(one.trigger, other.trigger);
  const [reason = ""] = [other, one]
    .filter((asked) => asked.trigger === trigger && asked.reason !== "")
    .map((asked) => asked.reason);
  return { trigger, overrideWindow: one.overrideWindow || other.overrideWindow, reason };
}

/** A turn that finds a rollback decided carries it out, whatever asked for the turn. */
export function causeOf(state: ServiceState, asked: Asked): Pick<Asked, "trigger" | "reason"> {
  if (state.name !== "ROLLBACK") return { trigger: asked.trigger, reason: asked.reason };
  return { trigger: "rollback", reason: renderReason(state.hold) };
}

/** `by ci: bad release`; empty without a reason. */
export function renderReason({ by, reason }: { readonly by: string; readonly reason: string }): string {
  return reason === "" || by === "" ? reason : `by ${by}: ${reason}`;
}
