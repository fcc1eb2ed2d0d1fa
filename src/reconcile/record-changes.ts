/** What changes in the record of a service. */
import type { BadCommit } from "../model/bad-commit.ts";
import type { Commit } from "../model/commit.ts";
import type { Phase } from "../model/deployment/phase.ts";

/** What a deployment has reached so far. */
export interface Reached {
  readonly commit: Commit | null;
  readonly origin: string;
  readonly phase: Phase;
  readonly links: string;
}

/** A service whose files are those of another commit as well. */
export interface Move {
  readonly service: string;
  readonly commit: Commit;
  readonly origin: string;
}

/** A commit that is not tried again, by the fingerprint of what the service would have got. */
export interface MarkedBad {
  readonly fingerprint: string;
  readonly bad: BadCommit;
}
