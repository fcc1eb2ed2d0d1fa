/** Services that left the config: they are unmounted before others can mount, and removed while the daemon runs. */
import { removeCheckout } from "../git/checkout/checkout.ts";
import { removeStage, stageOf } from "../git/checkout/stage-directory.ts";
import type { Git } from "../git/git.ts";
import type { ServiceRecord } from "../history/kept.ts";
import { findAccounts } from "../host/accounts.ts";
import { isAtOrBelow } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import { isReleased } from "../model/state.ts";
import type { Life } from "../platform/life.ts";
import type { Log } from "../platform/log.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { Mounts } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";

const later = "left the config, but could not be removed; the next start tries again";

interface UnmountPorts {
  readonly records: Pick<Records, "records" | "mounts">;
  readonly mounts: Pick<Mounts, "unmount">;
  readonly log: Log;
}

/** Unmounts them. Returns the records of those that are unmounted now, and can be removed. */
export async function unmountDeparted(
  services: readonly Service[],
  { records, mounts, log }: UnmountPorts,
): Promise<readonly ServiceRecord[]> {
  const kept = new Set(services.map(({ name }) => name));
  const unmounted: ServiceRecord[] = [];
  for (const record of records.records().filter(({ service }) => !kept.has(service))) {
    try {
      await mounts.unmount(record, records.mounts(record.service));
      unmounted.push(record);
    } catch (error) {
      log.error({ service: record.service, err: error }, later);
    }
  }
  return unmounted;
}

interface RemovePorts extends Pick<Life, "log" | "stopping"> {
  readonly records: Pick<Records, "forget">;
  readonly git: Git;
  readonly exec: Exec;
}

/** Removes their checkouts and forgets them, one after another: each may take minutes. */
export async function removeDeparted(
  departed: readonly ServiceRecord[],
  services: readonly Service[],
  ports: RemovePorts,
): Promise<void> {
  const { log, stopping } = ports;
  for (const record of departed) {
    if (stopping.aborted) return;
    try {
      if (isReleased(record.state)) forgetReleased(record, ports);
      else await remove(record, services, ports);
    } catch (error) {
      if (!stopping.aborted) log.error({ service: record.service, err: error }, later);
    }
  }
}

/** Its files are the host's. */
function forgetReleased({ service }: ServiceRecord, { records, log }: RemovePorts): void {
  log.info({ service }, "left the config: it was released before, and its files stay");
  records.forget(service);
}

async function remove(
  { service, checkout, store, user }: ServiceRecord,
  services: readonly Service[],
  { records, log, git, exec, stopping }: RemovePorts,
): Promise<void> {
  const account = (await findAccounts([user], exec)).get(user);
  const needed = services.some((other) => isAtOrBelow(other.checkout, checkout));
  if (account) await removeStage(stageOf(checkout), account, exec);
  const gone =
    account && !needed ? await removeCheckout({ store: { path: store, account }, checkout }, git) : false;
  if (stopping.aborted) return;
  const what = gone ? "unmounted and removed" : `unmounted; its checkout ${checkout} stays`;
  log.info({ service }, `left the config: ${what}`);
  records.forget(service);
}
