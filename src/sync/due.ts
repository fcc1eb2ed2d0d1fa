/** Which services are due after a poll, and whether the first poll can wait. */
import { existsSync } from "node:fs";
import type { Service } from "../model/service.ts";
import { holdOf, isReleased } from "../model/state.ts";
import type { BranchMove } from "../model/webhook.ts";
import type { Clock } from "../platform/clock.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { type ReconcileRequest, requestOf } from "../reconcile/reconcile-request.ts";
import type { Records } from "../reconcile/records.ts";
import { waitsFor } from "../rollout/gates/gate.ts";
import { towards, wasInterrupted } from "../rollout/phase.ts";
import type { UpstreamView } from "../rollout/target.ts";

export interface DuePorts {
  readonly records: Pick<Records, "get">;
  readonly clock: Pick<Clock, "now">;
}

/** True when there is something to deploy, retry or report; the drift scan comes in between. */
function isDue({ name, branch }: Service, view: UpstreamView, { records, clock }: DuePorts): boolean {
  const { state, commit } = records.get(name);
  if (!["OK", "FREEZE"].includes(state.name)) return true;
  if (holdOf(state) !== null) return false;
  if (view.is !== "known" || commit === null) return true;
  const tip = view.tips.get(branch);
  return tip !== commit && !waitsFor(state, tip, clock.now());
}

/** The services that track one of the branches; a frozen one does not. */
export function followersOf(
  services: readonly Service[],
  moves: readonly BranchMove[],
  { records }: Pick<DuePorts, "records">,
): readonly Service[] {
  const moved = new Set(moves.map(({ branch }) => branch));
  return services.filter(({ name, branch }) => moved.has(branch) && holdOf(records.get(name).state) === null);
}

/** With a request for each service whose branch a webhook has moved, unless there is another one. */
export function withPushes(
  requested: ReadonlyMap<string, ReconcileRequest>,
  members: readonly ManagedService[],
  moved: ReadonlySet<string>,
): ReadonlyMap<string, ReconcileRequest> {
  const pushed = members.filter(({ service }) => moved.has(service.branch));
  const causes = pushed.map(({ service }) => [service.name, requestOf("webhook")] as const);
  return new Map([...causes, ...requested]);
}

/**
 * True for a service without files, or whose last deployment did not end. The deployment that a boot begins for its
 * mounts is not urgent: it is of the applied commit.
 */
export function isUrgent(
  { name, checkout }: Pick<Service, "name" | "checkout">,
  { records, exists = existsSync }: Pick<DuePorts, "records"> & { readonly exists?: typeof existsSync },
): boolean {
  const { commit, phase, state } = records.get(name);
  if (isReleased(state)) return false;
  const isUnfinished = wasInterrupted(phase) && towards(phase) !== commit;
  return commit === null || isUnfinished || !exists(checkout);
}

/** What a poll has shown. */
interface News {
  /** By service: a reconcile was requested with this poll. */
  readonly requested: ReadonlyMap<string, unknown>;
  readonly unaffected: readonly { readonly service: string }[];
  /** No service was reconciled since the start. */
  readonly isFirst: boolean;
  readonly view: UpstreamView;
}

/** The services that are to be reconciled, the requested ones first. */
export function dueAmong(
  services: readonly ManagedService[],
  { requested, unaffected, isFirst, view }: News,
  ports: DuePorts,
): readonly ManagedService[] {
  const passed = new Set(isFirst ? [] : unaffected.map(({ service }) => service));
  const isRequested = ({ service }: ManagedService) => requested.has(service.name);
  const isLate = (service: Service) => isFirst || (!passed.has(service.name) && isDue(service, view, ports));
  return services
    .filter((each) => isRequested(each) || isLate(each.service))
    .sort((a, b) => Number(isRequested(b)) - Number(isRequested(a)));
}
