/** A request to reconcile a service: its trigger, its author, and whether it overrides windows. */
import { moreTelling, type Trigger } from "../model/deployment/deployment.ts";
import type { ServiceState } from "../model/state.ts";

export interface ReconcileRequest {
  readonly trigger: Trigger;
  /** A new commit is deployed now, whatever the gates say. */
  readonly overrideWindow: boolean;
  /** The person who requested it, as in the audit trail; empty: no person did. */
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

/** Joins two requests: keeps the more specific trigger with its author and reason, and the permissions of both. */
export function coalesce(
  one: ReconcileRequest | null | undefined,
  other: ReconcileRequest,
): ReconcileRequest {
  if (!one) return other;
  const trigger = moreTelling(one.trigger, other.trigger);
  const candidates = [other, one].filter((each) => each.trigger === trigger);
  const { by, reason } = candidates.find((each) => each.reason !== "") ?? candidates[0] ?? other;
  return { trigger, overrideWindow: one.overrideWindow || other.overrideWindow, by, reason };
}

/** A reconcile that finds a pending rollback carries it out, whatever triggered the reconcile. */
export function causeOf(
  state: ServiceState,
  request: ReconcileRequest,
): Pick<ReconcileRequest, "trigger" | "by" | "reason"> {
  if (state.name !== "ROLLBACK") return { trigger: request.trigger, by: request.by, reason: request.reason };
  return { trigger: "rollback", by: state.hold.by, reason: state.hold.reason };
}
