/** Whether a new commit has to wait before it goes into a service. */
import type { Commit } from "../../model/commit.ts";
import type { Waiting } from "../../model/state.ts";
import { askGates } from "../../rollout/gates/gate.ts";
import type { Context } from "../context.ts";
import { sameAtLinks } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";

/**
 * Null: it may go in now. Never held back are the first commit of a service, one whose deployment has begun, and one
 * that the service would not notice.
 */
export async function waitForGates(
  managed: ManagedService,
  to: Commit,
  context: Context,
): Promise<Waiting | null> {
  const { gates, records, clock } = context;
  const { name } = managed.service;
  const { commit, head } = records.get(name);
  if (gates.length === 0 || commit === null || hasBegun(name, to, context)) return null;
  const answer = askGates(gates, name, clock.now());
  if (answer.open) return null;
  const unnoticed =
    (await sameAtLinks(managed, commit, to)) && (head === null || (await sameAtLinks(managed, head, to)));
  return unnoticed ? null : { commit: to, until: answer.opensAt, why: answer.why };
}

/** Cut off, or failed half-way: some files may be the commit's already, so that waiting would be one more change. */
function hasBegun(service: string, to: Commit, { records }: Context): boolean {
  const last = records.last(service);
  if (last === null || last.to !== to) return false;
  return last.result === null || (last.result === "failed" && records.get(service).head === null);
}
