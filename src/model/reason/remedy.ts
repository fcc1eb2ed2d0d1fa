/** What a person does about a service that is BROKEN or DIFF. Pure. */
import type { BadCommit } from "../bad-commit.ts";
import { isBadCommitReason, type StateReason } from "./state-reason.ts";

export interface Trouble {
  readonly service: string;
  readonly state: "BROKEN" | "DIFF";
  /** Absent: an older daemon does not say. */
  readonly reason?: StateReason | null | undefined;
  /** A commit of it was refused or rolled back, and is not tried again by itself. */
  readonly bad: boolean;
  readonly held: boolean;
}

/** What git could not do is said in full by the reason's text; of checks and units there is more to read. */
export function remedyFor({ service, state, reason, bad, held }: Trouble): string {
  const isBad = isBadCommitReason(reason) || (bad && reason === undefined);
  if (state === "DIFF" && !isBad) {
    const retry = held ? "it is tried again by itself" : `gitopperctl pull ${service} --wait`;
    return `once that is fixed: ${retry}`;
  }
  const again = isBad || bad ? `, and once that is fixed: gitopperctl pull ${service} --again` : "";
  return `gitopperctl log ${service} --output shows what was said${again}`;
}

/** Whether the unit has to do with it, so that its journal says more. `bad`: the newest commit, if it is. */
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
