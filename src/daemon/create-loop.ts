/** Puts the loop of an upstream together. */
import type { Account } from "../model/account.ts";
import type { Context } from "../reconcile/context.ts";
import { mendCheckout, observeMended } from "../reconcile/observe/repair-checkout.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { wouldDeploy } from "../reconcile/target/decide-target.ts";
import { describeForcePush } from "../reconcile/target/origin.ts";
import { type EffectPorts, sortByEffect } from "../sync/affected.ts";
import { createServices, type Group, resolveGroupOrReport } from "../sync/create-services.ts";
import type { LoopWork, Several } from "../sync/loop-ports.ts";
import { prefetchFiles } from "../sync/prefetch.ts";
import { KeptCommits } from "../sync/store/kept-commits.ts";
import { createStoreFiles } from "../sync/store/store-files.ts";
import { StoreMaintenance } from "../sync/store/store-maintenance.ts";
import { type RepairedCheckouts, StoreRepair } from "../sync/store/store-repair.ts";
import { UpstreamLoop } from "../sync/upstream-loop.ts";
import { UpstreamPoller } from "../sync/upstream-poller.ts";

/** `members` is null while the group's user does not exist. */
export function createLoop(
  group: Group,
  members: Several | null,
  everyMs: number,
  context: Context,
): UpstreamLoop {
  const repair = createRepair((service) => loop.managed(service), context);
  // The branches of held services too: previews show them, and an unfreeze may come during a poll.
  const poller = new UpstreamPoller(group.services, context);
  const polled = { ...group, members, everyMs, jitter: context.jitter(group.upstream) };
  const { records, aside } = context;
  const loop = new UpstreamLoop(polled, { poller, repair, records, aside }, workOn(group, context), context);
  return loop;
}

function createRepair(
  managedOf: (service: string) => { seen: unknown } | undefined,
  context: Context,
): StoreRepair {
  const checkouts: RepairedCheckouts = {
    observe: (managed) => observeMended(managed, context),
    mend: (managed, why) => mendCheckout(managed, why, context),
    forget: (service) => {
      const managed = managedOf(service);
      if (managed !== undefined) managed.seen = null;
    },
  };
  const kept = new KeptCommits(context);
  const files = createStoreFiles(context.storeTools);
  const maintenance = new StoreMaintenance(context);
  const repair = new StoreRepair({ files, checkouts, kept, maintenance }, context);
  context.onDamage((place, damage) => repair.onDamage(place, damage));
  return repair;
}

function workOn(group: Group, context: Context): LoopWork {
  const create = (of: Group, account: Account) => createServices(of, account, context);
  const effect: EffectPorts = {
    records: context.records,
    clock: context.clock,
    describeForcePush: (managed, tip) => describeForcePush(managed, tip, context),
  };
  return {
    resolve: () => resolveGroupOrReport(group, { ...context, create }),
    reconcile: (managed, view, request, superseded) =>
      reconcile(managed, view, request, { ...context, superseded }),
    wouldDeploy: (view, requests) => wouldDeploy(view, requests, context),
    sortByEffect: (services, tips) => sortByEffect(services, tips, effect),
    prefetch: (waiting, tips) => prefetchFiles(waiting, tips, context),
  };
}
