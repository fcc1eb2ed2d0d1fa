/** Which commits are not tried again after a deployment has failed. Pure. */
import type { BadCommit } from "../model/bad-commit.ts";
import type { Deployment } from "../model/deployment/deployment.ts";
import type { Health } from "../model/service.ts";

export interface FailedDeployment extends Pick<Deployment, "from" | "to" | "failedAt"> {
  /** The commit itself was refused, rather than that something went wrong on the way. */
  readonly refused: boolean;
  /** What failed is the host's, whatever the commit has. */
  readonly byHost: boolean;
  /** A person wants this commit. */
  readonly held: boolean;
  readonly onFailure: Health["onFailure"];
  /** What the host was like before a first deployment is known, and can be brought back. */
  readonly undoable: boolean;
}

/** Null: it is tried again at the next look. */
export function verdictOn(failed: FailedDeployment): BadCommit["verdict"] | null {
  const { from, to, failedAt, refused, byHost, held, onFailure, undoable } = failed;
  if (held || byHost || from === to) return null;
  if (refused) return "REFUSED";
  const unwell = failedAt === "unit" || failedAt === "health";
  if (!unwell || onFailure !== "rollback") return null;
  if (from !== null) return "ROLLED BACK";
  return undoable ? "UNDONE" : null;
}
