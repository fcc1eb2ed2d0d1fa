/** Bad commits of a service, which are not deployed again automatically. */
import { type Commit, shortCommit } from "./commit.ts";

/**
 * Refused before its files were visible; rolled back to the previous commit when its service was unhealthy; or, as the
 * first commit of its service, undone.
 */
export const verdicts = ["REFUSED", "ROLLED BACK", "UNDONE"] as const;

export interface BadCommit {
  readonly commit: Commit;
  readonly verdict: (typeof verdicts)[number];
  readonly reason: string;
  readonly at: Date;
}

const wordsOf: Readonly<Record<BadCommit["verdict"], string>> = {
  REFUSED: "REFUSED",
  "ROLLED BACK": "ROLLED BACK from",
  UNDONE: "UNDONE the first deployment, of",
};

/** `REFUSED 1a2b3c4d: …`, `ROLLED BACK from 1a2b3c4d: …`, or `UNDONE the first deployment, of 1a2b3c4d: …`. */
export function renderBadCommit({ commit, verdict, reason }: Omit<BadCommit, "at">): string {
  return `${wordsOf[verdict]} ${shortCommit(commit)}: ${reason}`;
}
