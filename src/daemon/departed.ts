/** Services that left the config: they are unmounted before others can mount, and removed beside everything else. */
import { removeCheckout } from "../git/checkout/checkout.ts";
import { removeStage, stageOf } from "../git/checkout/stage-directory.ts";
import type { ServiceRecord } from "../history/kept.ts";
import { findAccounts } from "../host/accounts.ts";
import { isAtOrBelow } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import { unmountAll } from "../reconcile/apply/orphan-mounts.ts";
import type { Context } from "../reconcile/context.ts";

const later = "left the config, but could not be removed; the next start tries again";

/** Unmounts them; answers those of which there is more to remove. */
export async function unmountDeparted(
  services: readonly Service[],
  context: Context,
): Promise<readonly ServiceRecord[]> {
  const { records, log } = context;
  const kept = new Set(services.map(({ name }) => name));
  const unmounted: ServiceRecord[] = [];
  for (const record of records.records().filter(({ service }) => !kept.has(service))) {
    try {
      await unmountAll(record, records.mounts(record.service), context);
      unmounted.push(record);
    } catch (error) {
      log.error({ service: record.service, err: error }, later);
    }
  }
  return unmounted;
}

/** Removes their checkouts and forgets them, one after another: each may take minutes. */
export async function removeDeparted(
  departed: readonly ServiceRecord[],
  services: readonly Service[],
  context: Context,
): Promise<void> {
  const { log, stopping } = context;
  for (const record of departed) {
    if (stopping.aborted) return;
    try {
      await remove(record, services, context);
    } catch (error) {
      if (!stopping.aborted) log.error({ service: record.service, err: error }, later);
    }
  }
}

async function remove(
  { service, checkout, store, user }: ServiceRecord,
  services: readonly Service[],
  { records, log, git, exec, stopping }: Context,
): Promise<void> {
  const account = (await findAccounts([user], exec)).get(user);
  const needed = services.some((other) => isAtOrBelow(other.checkout, checkout));
  if (account) await removeStage(stageOf(checkout), account, exec);
  const gone = account && !needed ? await removeCheckout({ path: store, account }, checkout, git) : false;
  if (stopping.aborted) return;
  const what = gone ? "unmounted and removed" : `unmounted; its checkout ${checkout} stays`;
  log.info({ service }, `left the config: ${what}`);
  records.forget(service);
}
