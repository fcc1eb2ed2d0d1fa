/** Releases services: their files stay where they were mounted, as plain files, and their checkouts go. */

import type { Git } from "../../git/git.ts";
import { readMountPoints, readMountTable, shownPartOf } from "../../host/mounts/mounts.ts";
import { createBackups } from "../../host/release/backups.ts";
import { type Mounted, type Planned, planRelease } from "../../host/release/plan-release.ts";
import {
  type ReleasedMount,
  type ReleaseTools,
  releaseMount,
  unmountOnly,
} from "../../host/release/release-mount.ts";
import type { AbsPath } from "../../model/path.ts";
import { type Removable, removeReleased } from "./remove-released.ts";
import { type Ended, renderMounts } from "./render-release.ts";

export interface Releasable extends Removable {
  /** Real paths. */
  readonly mounts: readonly AbsPath[];
  /** Earlier locations of the checkout: see `Ours`. */
  readonly sources: readonly string[];
}

export interface ReleasePorts extends ReleaseTools {
  readonly git: Git;
  readonly now: Date;
  /** Only unmounts; checkouts stay. */
  readonly unmountOnly: boolean;
  /** Forgets a mount that is gone; durable when it returns. */
  readonly unmounted: (target: AbsPath) => void;
  /** All files of a service are in place, before its checkout goes. */
  readonly onPlaced?: (service: string) => void;
  /** Removes the checkout of a service while nothing else works in its store. Absent: nothing does. */
  readonly alone?: (service: string, work: () => Promise<void>) => Promise<void>;
}

/** What came of one service, for people. `faults`: why it is not released; empty: it is. */
export interface Released {
  readonly service: string;
  readonly done: readonly string[];
  readonly faults: readonly string[];
}

type Outcome = { readonly planned: Planned } & (
  | { readonly mount: ReleasedMount; readonly copied: readonly Copied[] }
  | { readonly fault: string }
);

interface Copied {
  readonly service: string;
  readonly path: string;
}

/** A service that cannot be released does not keep others from it. `others` are not released. */
export async function releaseServices(
  services: readonly Releasable[],
  others: readonly Releasable[],
  ports: ReleasePorts,
): Promise<Released[]> {
  const mounted = services.flatMap(mountedOf);
  const around = others.flatMap(({ mounts }) => mounts);
  const outcomes: Outcome[] = [];
  for (const planned of planRelease(mounted, readMountPoints(), around))
    outcomes.push(await releasePlanned(planned, ports));
  const released: Released[] = [];
  const remaining = [...services, ...others];
  for (const service of services) {
    const of = outcomes.filter(({ planned }) =>
      [planned, ...planned.inside].some((each) => each.service === service.service),
    );
    const one = await finishService(
      service,
      of,
      remaining.filter((other) => other !== service),
      ports,
    );
    if (one.faults.length === 0) remaining.splice(remaining.indexOf(service), 1);
    released.push(one);
  }
  return released;
}

function mountedOf({ service, checkout, mounts, sources }: Releasable): Mounted[] {
  return mounts.map((target) => ({ service, target, ours: { checkout, sources } }));
}

async function releasePlanned(planned: Planned, ports: ReleasePorts): Promise<Outcome> {
  const all = [planned, ...planned.inside];
  try {
    const table = readMountTable();
    const copied = all.flatMap(({ service, target, ours }) => {
      const path = shownPartOf(ours.checkout, target, table);
      return path === null ? [] : [{ service, path }];
    });
    if (ports.unmountOnly) return { planned, mount: await unmountOnly(planned, ports.mounter), copied };
    const backups = createBackups({ service: planned.service, now: ports.now }, ports.trees);
    const mount = await releaseMount(planned, backups, ports);
    for (const { target } of all) ports.unmounted(target);
    return { planned, mount, copied };
  } catch (error) {
    return { planned, fault: error instanceof Error ? error.message : String(error) };
  }
}

async function finishService(
  service: Releasable,
  outcomes: readonly Outcome[],
  others: readonly Removable[],
  ports: ReleasePorts,
): Promise<Released> {
  const faults = outcomes.flatMap((outcome) => ("fault" in outcome ? [outcome.fault] : []));
  const own = outcomes.filter(({ planned }) => planned.service === service.service);
  const done = renderMounts(own.flatMap((outcome): Ended[] => ("mount" in outcome ? [outcome] : [])));
  if (faults.length > 0 || ports.unmountOnly) return { service: service.service, done, faults };
  const copied = outcomes
    .flatMap((outcome) => ("copied" in outcome ? outcome.copied : []))
    .filter((each) => each.service === service.service)
    .map(({ path }) => path);
  ports.onPlaced?.(service.service);
  const stays = await removeAlone(service, { copied, others }, ports);
  const checkout = stays === null ? [] : [`its checkout ${service.checkout} stays: ${stays}`];
  return { service: service.service, done: [...done, ...checkout], faults };
}

/** Returns why the checkout stays; null: it is gone. */
async function removeAlone(
  service: Releasable,
  what: Parameters<typeof removeReleased>[1],
  { alone = (_, work) => work(), ...tools }: ReleasePorts,
): Promise<string | null> {
  let stays: string | null = null;
  try {
    await alone(service.service, async () => {
      stays = await removeReleased(service, what, tools);
    });
    return stays;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
