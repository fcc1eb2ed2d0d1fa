/** Adopts the checkouts on disk of which the state file knows nothing, so that their files are mounted without the network. */
import type { StoreTools } from "../git/store/store.ts";
import { bindsOf } from "../host/mounts/mounts.ts";
import type { AbsPath } from "../model/path.ts";
import type { Life } from "../platform/life.ts";
import { observeNow } from "../reconcile/checkout/observe-checkout.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Records } from "../reconcile/records.ts";
import { originOf } from "../reconcile/target/origin.ts";
import { toProblem } from "../reconcile/to-problem.ts";

interface AdoptPorts extends Pick<Life, "clock" | "log"> {
  readonly storeTools: StoreTools;
  readonly stateDir: AbsPath;
  readonly records: Pick<Records, "get" | "begin" | "moved">;
}

/**
 * The commit that a checkout says it has counts as applied. It may be incomplete: the first reconcile publishes all of it
 * again, and saves local edits.
 */
export async function adoptCheckouts(members: readonly ManagedService[], ports: AdoptPorts): Promise<void> {
  const { log } = ports;
  const adoptOrWarn = (managed: ManagedService) =>
    adopt(managed, ports).catch((error: unknown) => {
      const why = toProblem(error, "host", log).message;
      log.warn({ service: managed.service.name }, `cannot take up the checkout as it is: ${why}`);
    });
  await Promise.all(members.map(adoptOrWarn));
}

async function adopt(
  managed: ManagedService,
  { storeTools: tools, stateDir, records, clock, log }: AdoptPorts,
): Promise<void> {
  const { service } = managed;
  const seen = await observeNow(managed, { tools, stateDir }).catch(() => null);
  if (records.get(service.name).commit !== null || seen?.is !== "present") return;
  const mounts = bindsOf(service).map(({ target }) => target);
  await records.begin({
    ...{ service: service.name, from: null, to: seen.head, trigger: "start", by: "", mounts },
    startedAt: clock.now(),
    phase: { at: "publishing", to: seen.head, result: "running" },
  });
  records.moved([{ service: service.name, commit: seen.head, origin: originOf(managed) }]);
  log.info({ service: service.name }, `took up the checkout ${service.checkout} as it is`);
}
