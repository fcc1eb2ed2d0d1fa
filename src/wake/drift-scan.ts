/** The drift scan, and other requests to reconcile services across the loops of all upstreams. */
import { isBelow } from "../host/mounts/mount-watch.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import { hasFailed } from "../model/state.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { Life } from "../platform/life.ts";
import type { UnderWays } from "../reconcile/apply/under-way.ts";
import type { Mounts } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";
import { driftTicks } from "../rollout/schedule.ts";
import type { Group } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

type Loop = Pick<UpstreamLoop, "enqueue"> & { readonly group: Pick<Group, "services"> };

interface ChangePorts {
  readonly records: Pick<Records, "get">;
  readonly underWays: Pick<UnderWays, "progressOf">;
}

/** Longer than the longest time-out of a poll. */
const pollMaxMs = 20 * 60_000;

/** What is wrong with the daemon itself; empty when well. */
export function stuckReason(
  loops: readonly (Pick<UpstreamLoop, "busyMs"> & { readonly group: Pick<Group, "upstream"> })[],
): string {
  const stuck = loops.find((loop) => loop.busyMs() > pollMaxMs);
  return stuck
    ? `The look at ${maskSecrets(stuck.group.upstream)} does not come to an end; restart the daemon`
    : "";
}

/** Reconciles every service once in the interval, one after another, to find drift. */
export async function scanForDrift(
  loops: readonly Loop[],
  everyMs: number,
  { clock, stopping }: Pick<Life, "clock" | "stopping">,
): Promise<void> {
  const services = loops.flatMap((loop) => loop.group.services.map(({ name }) => ({ loop, name })));
  const tick = driftTicks(everyMs, services.length);
  for (let next = 0; !stopping.aborted; next = (next + tick.services) % Math.max(services.length, 1)) {
    await clock.sleep(tick.everyMs, stopping);
    if (stopping.aborted) return;
    for (const { loop, name } of services.slice(next, next + tick.services)) loop.enqueue(name, "poll");
  }
}

interface MountPorts extends ChangePorts {
  readonly mounts: Pick<Mounts, "observe">;
}

/**
 * Reconciles the services whose targets are at or below one of these changed mount points; not one that is well and has
 * its mounts: gitopper's own mounts are changes, too.
 */
export function enqueueBelow(
  points: ReadonlySet<string>,
  loops: readonly Loop[],
  { records, underWays, mounts }: MountPorts,
): void {
  const isWell = ({ name }: Service) =>
    // A deployment observes the mounts at its end.
    underWays.progressOf(name) !== null || !hasFailed(records.get(name).state);
  const isAffected = ({ links }: Service) =>
    links.some(({ local }) => local !== null && isBelow(local, points));
  enqueueWhere((service) => isAffected(service) && !(isWell(service) && hasMounts(service, mounts)), loops);
}

function hasMounts(service: Service, mounts: Pick<Mounts, "observe">): boolean {
  try {
    return service.links.every((link) => ["mounted", null].includes(mounts.observe(service, link).bind));
  } catch {
    // The reconcile reports what is wrong there.
    return false;
  }
}

/** Reconciles a service whose unit changed. */
export function enqueueService(service: string, loops: readonly Loop[]): void {
  enqueueWhere(({ name }) => name === service, loops);
}

/**
 * Reconciles a service whose files changed; not one that is being deployed, which changes them itself and observes them
 * at its end, nor a BROKEN one, whose own unit may be changing them.
 */
export function enqueueChanged(
  service: string,
  loops: readonly Loop[],
  { records, underWays }: ChangePorts,
): void {
  if (underWays.progressOf(service) !== null || records.get(service).state.name === "BROKEN") return;
  enqueueService(service, loops);
}

/** Reconciles the services whose targets are inside a new mount, which covers them. */
export function enqueueInside(target: AbsPath, loops: readonly Loop[]): void {
  enqueueWhere(({ links }) => links.some(({ local }) => local?.startsWith(`${target}/`)), loops);
}

function enqueueWhere(isMeant: (service: Service) => boolean, loops: readonly Loop[]): void {
  for (const loop of loops)
    for (const service of loop.group.services) if (isMeant(service)) loop.enqueue(service.name, "poll");
}
