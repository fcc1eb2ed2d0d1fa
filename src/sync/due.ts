/** Which services are due after a poll, and whether the first poll can wait. */
import { existsSync } from "node:fs";
import type { Service } from "../model/service.ts";
import { holdOf } from "../model/state.ts";
import type { BranchMove } from "../model/webhook.ts";
import type { Context } from "../reconcile/context.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { waitsFor } from "../rollout/gates/gate.ts";
import type { UpstreamView } from "../rollout/target.ts";

/** True when there is something to deploy, retry or report; the drift scan comes in between. */
function isDue({ name, branch }: Service, view: UpstreamView, { records, clock }: Context): boolean {
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
  { records }: Context,
): readonly Service[] {
  const moved = new Set(moves.map(({ branch }) => branch));
  return services.filter(({ name, branch }) => moved.has(branch) && holdOf(records.get(name).state) === null);
}

/** True for a service without files, or with a deployment that was broken off; mounts that a boot began are no hurry. */
export function isUrgent({ name, checkout }: Service, { records }: Context): boolean {
  const { commit } = records.get(name);
  const last = records.last(name);
  const isBrokenOff = last !== null && last.result === null && last.to !== commit;
  return commit === null || isBrokenOff || !existsSync(checkout);
}

/** What a poll has shown. */
interface News {
  /** By service: a person or a push requested it. */
  readonly requested: ReadonlyMap<string, unknown>;
  readonly unaffected: readonly { readonly service: string }[];
  /** No service was reconciled since the start. */
  readonly isFirst: boolean;
  readonly view: UpstreamView;
}

/** Those that are to be reconciled, the requested ones first. */
export function dueAmong(
  services: readonly ManagedService[],
  { requested, unaffected, isFirst, view }: News,
  context: Context,
): readonly ManagedService[] {
  const passed = new Set(isFirst ? [] : unaffected.map(({ service }) => service));
  const isRequested = ({ service }: ManagedService) => requested.has(service.name);
  const isLate = (service: Service) =>
    isFirst || (!passed.has(service.name) && isDue(service, view, context));
  return services
    .filter((each) => isRequested(each) || isLate(each.service))
    .sort((a, b) => Number(isRequested(b)) - Number(isRequested(a)));
}
