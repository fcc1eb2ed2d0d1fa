/** Takes up the checkouts on disk where nothing is remembered of them, so that their files are mounted without the network. */
import { observeCheckout } from "../git/checkout/checkout.ts";
import { bindsOf } from "../host/mounts/mounts.ts";
import { storesDir } from "../platform/files/state-paths.ts";
import type { Context } from "../reconcile/context.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { originOf } from "../reconcile/target/origin.ts";
import { toProblem } from "../reconcile/to-problem.ts";

/**
 * The commit that a checkout says it has counts as applied. Whether it has that as a whole is not known: the first reconcile
 * publishes all of it again, and saves local edits.
 */
export async function adoptCheckouts(members: readonly ManagedService[], context: Context): Promise<void> {
  const { log } = context;
  const adoptOrTell = (managed: ManagedService) =>
    adopt(managed, context).catch((error: unknown) => {
      const why = toProblem(error, "host", log).message;
      log.warn({ service: managed.service.name }, `cannot take up the checkout as it is: ${why}`);
    });
  await Promise.all(members.map(adoptOrTell));
}

async function adopt(managed: ManagedService, context: Context): Promise<void> {
  const { service, store } = managed;
  const { git, stateDir, records, clock, log } = context;
  const seen = await observeCheckout({ store, checkout: service.checkout }, git, {
    storesDir: storesDir(stateDir),
  }).catch(() => null);
  if (records.get(service.name).commit !== null || seen?.is !== "present") return;
  const mounts = bindsOf(service).map(({ target }) => target);
  const start = {
    service: service.name,
    from: null,
    to: seen.head,
    trigger: "start",
    by: "",
    mounts,
  } as const;
  records.begin({ ...start, startedAt: clock.now(), changesCheckout: false });
  records.moved({ service: service.name, commit: seen.head, origin: originOf(managed) });
  log.info({ service: service.name }, `took up the checkout ${service.checkout} as it is`);
}
