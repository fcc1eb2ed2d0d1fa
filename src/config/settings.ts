/** The file as written → the settings of this host. */
import { type Settings, storeMaxBytesDefault } from "../model/service.ts";
import { readApi } from "./fields/api.ts";
import { findCollisions } from "./fields/collisions.ts";
import { type Draft, type HostFacts, readDefaults, readService, toService } from "./fields/draft.ts";
import { parseSize } from "./fields/spans.ts";
import type { Table } from "./fields/table.ts";
import { accept } from "./fields/values/parsed.ts";
import { readWebhooks } from "./fields/webhooks.ts";
import { readWindows } from "./fields/windows.ts";
import type { ConfigFile } from "./file.ts";

const servicesMax = 10_000;

/** The settings are complete only when nothing was reported; services of other hosts are checked, then left out. */
export async function toSettings(config: Table<ConfigFile>, host: HostFacts): Promise<Settings> {
  const global = config.inner("global");
  const storeMaxBytes = global.optional("store_limit", parseSize) ?? storeMaxBytesDefault;
  const drafts = readServices(config, host);
  for (const group of groupByHost(drafts, host).values()) findCollisions(group, config.findings);
  return {
    services: drafts
      .flatMap((draft) => toService(draft) ?? [])
      .filter(({ machine }) => host.answersTo(machine)),
    machines: distinctMachines(drafts),
    keys: global.tables("keys").map((key) => {
      const path = key.required("path", accept, 'give the file of a public key, such as "keys/ops.pub"');
      return { path: path ?? "", readOnly: key.file.ro ?? false };
    }),
    webhooks: readWebhooks(config),
    api: readApi(config.inner("api"), host.groupExists),
    storeMaxBytes,
    windows: await readWindows(config),
  };
}

function readServices(config: Table<ConfigFile>, host: HostFacts): readonly Draft[] {
  const services = config.tables("services");
  const defaults = readDefaults(config.inner("global"));
  if (services.length <= servicesMax) return services.map((service) => readService(service, defaults, host));
  config.report("services", `has ${services.length} services; split it into files of at most ${servicesMax}`);
  return [];
}

/** This host's services under "", and those of every other machine; host names are case-insensitive. */
function groupByHost(drafts: readonly Draft[], host: HostFacts): ReadonlyMap<string, readonly Draft[]> {
  return Map.groupBy(
    drafts.filter((draft) => draft.machine !== null),
    ({ machine }) => (machine === null || host.answersTo(machine) ? "" : machine.toLowerCase()),
  );
}

function distinctMachines(drafts: readonly Draft[]): readonly string[] {
  const machines = drafts.flatMap(({ machine }) => machine ?? []);
  const groups = Map.groupBy(machines, (machine) => machine.toLowerCase());
  return [...groups.values()].map(([machine = ""]) => machine);
}
