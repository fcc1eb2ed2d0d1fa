/** Which services a look at upstream concerns, and whether the first look can wait. */
import { existsSync } from "node:fs";
import type { Service } from "../model/service.ts";
import { holdOf } from "../model/state.ts";
import type { BranchMove } from "../model/webhook.ts";
import type { Context } from "../reconcile/context.ts";
import { waitsFor } from "../rollout/gates/gate.ts";
import type { UpstreamView } from "../rollout/target.ts";

/** True when there is something to bring in, to try again, or to tell; drift is looked for in between. */
export function isDue({ name, branch }: Service, view: UpstreamView, { ledger, clock }: Context): boolean {
  const { state, commit } = ledger.get(name);
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
  { ledger }: Context,
): readonly Service[] {
  const moved = new Set(moves.map(({ branch }) => branch));
  return services.filter(({ name, branch }) => moved.has(branch) && holdOf(ledger.get(name).state) === null);
}

/** True for a service without files, or with a deployment that was broken off; mounts that a boot began are no hurry. */
export function isInHurry({ name, checkout }: Service, { ledger }: Context): boolean {
  const { commit } = ledger.get(name);
  const last = ledger.last(name);
  const isBrokenOff = last !== null && last.result === null && last.to !== commit;
  return commit === null || isBrokenOff || !existsSync(checkout);
}
