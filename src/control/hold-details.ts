/** Holds and waiting commits of a state, in the shapes of the API. */
import type { ServiceDetails } from "../api/shapes.ts";
import { holdOf, type ServiceState, waitingOf } from "../model/state.ts";

export function holdDetails(state: ServiceState): ServiceDetails["held"] {
  const hold = holdOf(state);
  if (hold === null) return null;
  const { commit, by, reason, since, until } = hold;
  return { commit, by, reason, since: since.toISOString(), until: until?.toISOString() ?? null };
}

export function waitingDetails(state: ServiceState): ServiceDetails["waiting"] {
  const waiting = waitingOf(state);
  return waiting && { commit: waiting.commit, at: waiting.until?.toISOString() ?? null, why: waiting.why };
}
