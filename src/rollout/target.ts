/** Which commit a service should have now. Pure. */
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import { holdOf, type ServiceState } from "../model/state.ts";

/** What is known of an upstream: the tips of its branches, or why it could not be polled. */
export type UpstreamView =
  | KnownView
  | { readonly is: "unreachable"; readonly problem: Problem }
  | { readonly is: "unasked" };

export interface KnownView {
  readonly is: "known";
  readonly tips: ReadonlyMap<string, Commit>;
  /** Why a branch cannot be followed, where others can. */
  readonly troubles?: ReadonlyMap<string, Problem>;
  /** When it said so; absent: before the daemon's start. */
  readonly at?: Date;
}

export interface Target {
  /** Null: there is nothing to bring in yet. */
  readonly commit: Commit | null;
  /** Why that is not what upstream has; the service goes to DIFF with it. */
  readonly problem: Problem | null;
}

/** The service follows its hold, or else its branch; what cannot be followed leaves it where it is. */
export function targetOf(
  where: { readonly upstream: string; readonly branch: string },
  now: { readonly state: ServiceState; readonly applied: Commit | null },
  view: UpstreamView,
): Target {
  const hold = holdOf(now.state);
  if (hold !== null) return { commit: hold.commit ?? now.applied, problem: null };
  if (view.is === "unasked") return { commit: now.applied, problem: null };
  if (view.is === "unreachable") return { commit: now.applied, problem: view.problem };
  const tip = view.tips.get(where.branch);
  if (tip !== undefined) return { commit: tip, problem: null };
  const trouble = view.troubles?.get(where.branch);
  if (trouble !== undefined) return { commit: now.applied, problem: trouble };
  const message = `Branch "${where.branch}" is not at ${JSON.stringify(where.upstream)}; push it, or name another in the config`;
  return { commit: now.applied, problem: new Problem("git", message, { code: "branch-missing" }) };
}
