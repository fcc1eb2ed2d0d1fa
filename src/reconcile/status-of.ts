/** A service's record as others see it. Pure. */
import type { LastDeployment, ServiceRecord } from "../history/kept.ts";
import type { Commit } from "../model/commit.ts";
import type { ServiceStatus } from "../model/event.ts";
import { shownState } from "../model/state.ts";

export function statusOf(record: ServiceRecord, last: LastDeployment | null): ServiceStatus {
  const { service, commit, state, changedAt } = record;
  return { service, commit: liveCommit(record, last), state: shownState(state, commit), changedAt };
}

/**
 * The commit whose files are in place: that of a deployment that was published and then failed, or is not over, counts
 * although the service was not seen well with it. `last`: the newest deployment whose files were seen.
 */
export function liveCommit(
  { commit, head }: Pick<ServiceRecord, "commit" | "head">,
  last: Pick<LastDeployment, "to" | "result"> | null,
): Commit | null {
  const stays = head !== null && last !== null && last.to === head && last.result !== "done";
  return stays ? head : commit;
}
