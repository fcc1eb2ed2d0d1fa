/** Puts the loop of an upstream together. */
import type { Account } from "../model/account.ts";
import type { Service } from "../model/service.ts";
import { throughTheGates } from "../reconcile/reconcile-request.ts";
import { wouldDeploy } from "../reconcile/target/decide-target.ts";
import { sortByEffect } from "../sync/affected.ts";
import { createServices, findUserOrReport, type Group } from "../sync/create-services.ts";
import type { LoopWork, Several } from "../sync/loop-ports.ts";
import { prefetchFiles } from "../sync/prefetch.ts";
import { KeptCommits } from "../sync/store/kept-commits.ts";
import { createStoreFiles } from "../sync/store/store-files.ts";
import { StoreMaintenance } from "../sync/store/store-maintenance.ts";
import { StoreRepair } from "../sync/store/store-repair.ts";
import { UpstreamLoop } from "../sync/upstream-loop.ts";
import { UpstreamPoller } from "../sync/upstream-poller.ts";
import { prepareGit, unlockStores } from "./boot.ts";
import type { Built } from "./build.ts";

/** `members` is null while the group's user does not exist. */
export function createLoop(
  group: Group,
  members: Several | null,
  everyMs: number,
  built: Built,
): UpstreamLoop {
  const repair = createRepair(built);
  // The branches of held services too: previews show them, and an unfreeze may come during a poll.
  const poller = new UpstreamPoller(group.services, built);
  const polled = { ...group, members, everyMs, jitter: built.jitter(group.upstream) };
  const { records, releasing } = built;
  const aside = { has: (name: string) => releasing.has(name) || built.aside.has(name) };
  return new UpstreamLoop(polled, { poller, repair, records, aside }, workOn(group, built), built);
}

/** Brings the checkout of one service before any other loop runs. */
export async function bringOnce(service: Service, account: Account, built: Built): Promise<void> {
  const { name, upstream, user } = service;
  const group = { upstream, user, services: [service] };
  const members = createServices(group, account, built);
  prepareGit(built.stateDir, [upstream]);
  await unlockStores(members, built);
  const loop = createLoop(group, members, Number.MAX_SAFE_INTEGER, built);
  await loop.poll(new Map([[name, { trigger: "start", ...throughTheGates }]]));
  await loop.idle();
}

function createRepair(built: Built): StoreRepair {
  const kept = new KeptCommits(built);
  const files = createStoreFiles(built.storeTools);
  const maintenance = new StoreMaintenance(built);
  const repair = new StoreRepair({ files, checkouts: built.checkouts, kept, maintenance }, built);
  built.onDamage((place, damage) => repair.onDamage(place, damage));
  return repair;
}

function workOn(group: Group, built: Built): LoopWork {
  return {
    resolve: async () => {
      const account = await findUserOrReport(group, built);
      return account && createServices(group, account, built);
    },
    reconcile: built.reconcile,
    wouldDeploy: (view, requests) => wouldDeploy(view, requests, built),
    sortByEffect: (services, tips) => sortByEffect(services, tips, built),
    prefetch: (waiting, tips) => prefetchFiles(waiting, tips, built),
  };
}
