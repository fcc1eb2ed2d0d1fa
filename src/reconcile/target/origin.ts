/** Where a service's commits come from, and whether their history went on or was rewritten. */
import { type Commit, shortCommit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

/** Reports that the applied commit is not in the history of the new one; empty: it is, or its branch is another one. */
export async function describeForcePush(
  managed: ManagedService,
  to: Commit,
  records: Pick<Records, "get">,
): Promise<string> {
  const { service, history } = managed;
  const from = appliedHere(managed, records);
  if (from === null || (await isIn(history, from, to))) return "";
  return `the history of "${service.branch}" was rewritten: ${from} is not in the history of ${to}`;
}

/** Reports that the new commit is older than the applied one, so that only a person deploys it; empty: it is not. */
export async function describeOlderCommit(
  managed: ManagedService,
  to: Commit,
  records: Pick<Records, "get">,
): Promise<string> {
  const { service, history } = managed;
  const from = appliedHere(managed, records);
  if (from === null) return "";
  // The usual direction first: `describeForcePush` needs its answer too.
  if ((await isIn(history, from, to)) || !(await isIn(history, to, from))) return "";
  return `"${service.branch}" went back to ${shortCommit(to)}, which is older than ${shortCommit(from)}`;
}

/** The applied commit; null: nothing is deployed, or the commit is of another store or branch. */
function appliedHere(managed: ManagedService, records: Pick<Records, "get">): Commit | null {
  const { commit, origin } = records.get(managed.service.name);
  return origin === originOf(managed) ? commit : null;
}

/** A commit that the store does not have is in no history. */
function isIn(history: ManagedService["history"], older: Commit, newer: Commit): Promise<boolean> {
  return history.isAncestor(older, newer).catch((error: unknown) => {
    if (error instanceof ExecFailure && error.status === 128) return false;
    throw error;
  });
}

/** Where a service's commits come from now. */
export function originOf({ service, store }: Pick<ManagedService, "service" | "store">): string {
  return `${store.path} ${service.branch}`;
}
