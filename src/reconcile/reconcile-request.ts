/** What is asked of a service's loop: a turn, set off by something, and how it is meant. */
import { moreTelling, type Trigger } from "../model/deployment.ts";
import type { ServiceState } from "../model/state.ts";

export interface ReconcileRequest {
  readonly trigger: Trigger;
  /** What has come in goes in now, whatever the gates say. */
  readonly overrideWindow: boolean;
  /** The person who asked, as the audit trail has it; empty: none did. */
  readonly by: string;
  /** Of that person; empty: none was given. */
  readonly reason: string;
}

/** All of a request but what set it off. */
export type RequestDetails = Omit<ReconcileRequest, "trigger">;

export const throughTheGates: RequestDetails = {
  overrideWindow: false,
  by: "",
  reason: "",
};

/** Asks for a reconcile. */
export function requestOf(trigger: Trigger, details: RequestDetails = throughTheGates): ReconcileRequest {
  return { trigger, ...details };
}

/** Two that come together are one: it keeps the more telling trigger with who wanted it and why, and what either of them may. */
export function coalesce(
  one: ReconcileRequest | null | undefined,
  other: ReconcileRequest,
): ReconcileRequest {
  if (!one) return other;
  const trigger = moreTelling(one.trigger, other.trigger);
  const candidates = [other, one].filter((asked) => asked.trigger === trigger);
  const { by, reason } = candidates.find((asked) => asked.reason !== "") ?? candidates[0] ?? other;
  return { trigger, overrideWindow: one.overrideWindow || other.overrideWindow, by, reason };
}

/** A turn that finds a rollback decided carries it out, whatever asked for the turn. */
export function causeOf(
  state: ServiceState,
  asked: ReconcileRequest,
): Pick<ReconcileRequest, "trigger" | "by" | "reason"> {
  if (state.name !== "ROLLBACK") return { trigger: asked.trigger, by: asked.by, reason: asked.reason };
  return { trigger: "rollback", by: state.hold.by, reason: state.hold.reason };
}
