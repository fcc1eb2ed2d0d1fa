/** Mounts from the checkouts on disk, before the network is needed, and unmounts links that left the config. */
import { existsSync } from "node:fs";
import { placePointer } from "../git/store/pointer.ts";
import type { Start } from "../history/journal.ts";
import { type Bind, bindsOf, type MountTable, observeBind, readMountTable } from "../host/mounts/mounts.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import type { Clock } from "../platform/clock.ts";
import { storesDir } from "../platform/files/state-paths.ts";
import { futureRealOf } from "../platform/files/trust.ts";
import type { Log } from "../platform/log.ts";
import { linksOf, orphansOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Mounts } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import { failedWith } from "../rollout/next.ts";
import { remounted } from "../rollout/phase.ts";

/** Reports a failure of one service. */
interface Reports {
  readonly records: Pick<Records, "get" | "apply">;
  readonly log: Log;
}

interface OrphanPorts extends Reports {
  readonly records: Pick<Records, "get" | "apply" | "mounts">;
  readonly mounts: Pick<Mounts, "unmount">;
}

/** Unmounts links that left the config, so that other services can mount there. */
export async function unmountOrphans(members: readonly ManagedService[], ports: OrphanPorts): Promise<void> {
  for (const { service } of members) {
    const orphans = orphansOf(service, ports.records.mounts(service.name));
    const place = { service: service.name, checkout: service.checkout };
    await orFail(service.name, () => ports.mounts.unmount(place, orphans), ports);
  }
}

/** A failure of one service does not affect the others; its first reconcile tries again. */
async function orFail<T>(
  service: string,
  work: () => T | Promise<T>,
  { records, log }: Reports,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    records.apply(service, failedWith(toProblem(error, "host", log), records.get(service).commit));
    return null;
  }
}

/** The files and mounts of a service on disk. */
export type Disk = ReturnType<typeof createDisk>;

export function createDisk(stateDir: AbsPath) {
  return {
    /** Puts the pointer to git's directory where it belongs. */
    placePointer: (service: Service) => placePointer(service.checkout, linksOf(service), storesDir(stateDir)),
    readTable: readMountTable,
    /** The binds whose source exists and that are not in the table. @throws Problem as `observeBind` */
    unmounted: (service: Service, table: MountTable): readonly Bind[] =>
      bindsOf(service).filter((bind) => existsSync(bind.source) && observeBind(bind, table) !== "mounted"),
  };
}

interface MountPorts extends Reports {
  readonly records: Pick<Records, "get" | "apply" | "begin" | "beginUnwritten" | "mounts">;
  readonly disk: Disk;
  readonly mounts: Pick<Mounts, "put">;
  readonly clock: Clock;
}

/** Mounts from the checkouts on disk; units that are ordered after gitopper find their files. */
export async function mountFromDisk(members: readonly ManagedService[], ports: MountPorts): Promise<void> {
  const { disk, mounts } = ports;
  const table = disk.readTable();
  for (const { service } of members) await orFail(service.name, () => disk.placePointer(service), ports);
  // All at once: the journal writes them together.
  const begin = (managed: ManagedService) =>
    orFail(managed.service.name, () => beginMounts(managed, table, ports), ports);
  const missing = (await Promise.all(members.map(begin))).flatMap((binds) => binds ?? []);
  // A mount inside another, of whatever service, has to come after it.
  missing.sort((a, b) => a.bind.target.length - b.bind.target.length);
  for (const { managed, bind } of missing)
    await orFail(managed.service.name, () => mounts.put(bind, managed), ports);
}

/**
 * The mounts that a service should have and has not, begun as a deployment. It stays begun: the first reconcile reloads
 * the unit, which may have started without its files, and ends it.
 */
async function beginMounts(managed: ManagedService, table: MountTable, ports: MountPorts) {
  const { records, disk, clock } = ports;
  const service = managed.service.name;
  const { commit: from, phase: before } = records.get(service);
  if (from === null) return [];
  // The first reconcile makes a checkout that is not there yet.
  const binds = disk.unmounted(managed.service, table);
  if (binds.length === 0) return [];
  const phase = remounted(before, from);
  const mounts = binds.map(({ target }) => target);
  const startedAt = clock.now();
  const start = { service, from, to: phase.to, trigger: "start", by: "", startedAt, mounts, phase } as const;
  await beginOrRemember(start, ports);
  return binds.map((bind) => ({ managed, bind }));
}

/** With a full disk, only mounts that the journal has from before are made; the unit is reloaded when there is room. */
async function beginOrRemember(start: Start, parts: MountPorts): Promise<void> {
  const { records, log } = parts;
  try {
    await records.begin(start);
  } catch (error) {
    const known = records.mounts(start.service);
    if (!start.mounts.every((target) => known.includes(futureRealOf(target)))) throw error;
    records.apply(start.service, failedWith(toProblem(error, "host", log), start.from));
    records.beginUnwritten(start);
  }
}
