/** Where a service's commits come from, and whether their history went on or was rewritten. */
import { type Commit, shortCommit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

/** What there is to report of the way to a commit; empty: nothing. */
type Describe = (managed: ManagedService, to: Commit, records: Pick<Records, "get">) => Promise<string>;

/** Reports that the applied commit is not in the history of the new one. */
export const describeForcePush: Describe = async (managed, to, records) => {
  const from = await leftBehind(managed, to, records);
  if (from === null) return "";
  return `the history of "${managed.service.branch}" was rewritten: ${from} is not in the history of ${to}`;
};

/** Reports that the new commit is older than the applied one, so that only a person deploys it. */
export const describeOlderCommit: Describe = async (managed, to, records) => {
  const { service, history } = managed;
  const from = await leftBehind(managed, to, records);
  if (from === null || !(await isIn(history, to, from))) return "";
  return `"${service.branch}" went back to ${shortCommit(to)}, which is older than ${shortCommit(from)}`;
};

/** The applied commit; null: there is none, it is of another store or branch, or the new commit's history has it. */
async function leftBehind(
  managed: ManagedService,
  to: Commit,
  records: Pick<Records, "get">,
): Promise<Commit | null> {
  const { commit, origin } = records.get(managed.service.name);
  if (commit === null || origin !== originOf(managed)) return null;
  return (await isIn(managed.history, commit, to)) ? null : commit;
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
