/** Commits that were not good for a service, and are not tried again. */
import { type Commit, shortCommit } from "./commit.ts";

export interface BadCommit {
  readonly commit: Commit;
  /** Refused before its files were seen, or taken back when its service was not well. */
  readonly verdict: "REFUSED" | "ROLLED BACK";
  readonly reason: string;
  readonly at: Date;
}

/** `REFUSED 1a2b3c4d: …`, or `ROLLED BACK from 1a2b3c4d: …`. */
export function renderBadCommit({ commit, verdict, reason }: Omit<BadCommit, "at">): string {
  return `${verdict}${verdict === "REFUSED" ? "" : " from"} ${shortCommit(commit)}: ${reason}`;
}
