/** What an admin can do about a BROKEN or DIFF service. Pure. */
import type { BadCommit } from "../bad-commit.ts";
import { isBadCommitReason, type StateReason } from "./state-reason.ts";

export interface Trouble {
  readonly service: string;
  readonly state: "BROKEN" | "DIFF";
  /** Absent: an older daemon does not send it. */
  readonly reason?: StateReason | null | undefined;
  /** A commit was refused or rolled back, and is not deployed again automatically. */
  readonly bad: boolean;
  readonly held: boolean;
}

/** The text of the reason explains git's failures in full; for checks and units there is more to read. */
export function remedyFor({ service, state, reason, bad, held }: Trouble): string {
  const isBad = isBadCommitReason(reason) || (bad && reason === undefined);
  if (state === "DIFF" && !isBad) {
    const retry = held ? "it is tried again by itself" : `gitopperctl pull ${service} --wait`;
    return `once that is fixed: ${retry}`;
  }
  const again = isBad || bad ? `, and once that is fixed: gitopperctl pull ${service} --again` : "";
  return `gitopperctl log ${service} --output shows what was said${again}`;
}

/** Whether the unit is involved, so that its journal says more. `bad`: the newest commit, if it is bad. */
export function concernsUnit({
  state,
  reason,
  bad,
}: Pick<Trouble, "reason"> & {
  readonly state: string;
  readonly bad: { readonly verdict: BadCommit["verdict"] } | null;
}): boolean {
  if (state === "BROKEN") return true;
  if (reason === undefined) return bad !== null && bad.verdict !== "REFUSED";
  return reason === "rolled-back" || reason === "undone";
}
