/** A service's record as others see it. Pure. */
import type { ServiceRecord } from "../history/journal.ts";
import type { ServiceStatus } from "../model/event.ts";
import { shownState } from "../model/state.ts";

export function statusOf({ service, commit, state, changedAt }: ServiceRecord): ServiceStatus {
  return { service, commit, state: shownState(state, commit), changedAt };
}
