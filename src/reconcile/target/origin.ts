/** Where a service's commits come from, and whether their history went on or was rewritten. */
import { type Commit, shortCommit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";

/** Says so when what is applied is not in the history of the commit; another branch has another history. */
export async function forcePush(
  { service, store, history }: ManagedService,
  to: Commit,
  { records }: Context,
): Promise<string> {
  const { commit: from, origin } = records.get(service.name);
  if (from === null || origin !== originOf({ service, store })) return "";
  const forward = await isIn(history, from, to);
  return forward
    ? ""
    : `the history of "${service.branch}" was rewritten: ${from} is not in the history of ${to}`;
}

/** Reports a commit older than the applied one: only a person's rollback deploys it again. */
export async function historyRollback(
  { service, store, history }: ManagedService,
  to: Commit,
  { records }: Context,
): Promise<string> {
  const { commit: from, origin } = records.get(service.name);
  if (from === null || origin !== originOf({ service, store })) return "";
  // The usual way first: it is asked for anyway.
  if ((await isIn(history, from, to)) || !(await isIn(history, to, from))) return "";
  return `"${service.branch}" went back to ${shortCommit(to)}, which is older than ${shortCommit(from)}`;
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
