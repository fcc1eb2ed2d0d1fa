/** The file as written → the settings of this host. */
import { type Settings, storeMaxBytesDefault } from "../model/service.ts";
import type { Findings } from "./errors/finding.ts";
import { readApi } from "./fields/api.ts";
import { findCollisions } from "./fields/collisions.ts";
import { type Draft, type HostFacts, readDefaults, readService, toService } from "./fields/draft.ts";
import { createFields } from "./fields/fields.ts";
import { parseSize } from "./fields/spans.ts";
import { accept } from "./fields/values/parsed.ts";
import { readWebhooks } from "./fields/webhooks.ts";
import type { ConfigFile } from "./file.ts";

const servicesMax = 10_000;

/** The settings are complete only when nothing was reported; services of other hosts are checked, then left out. */
export function toSettings(file: ConfigFile, host: HostFacts, findings: Findings): Omit<Settings, "windows"> {
  const written = file.services ?? [];
  const globals = createFields(file.global ?? {}, ["global"], findings);
  const storeMaxBytes = globals.optional("store_limit", parseSize) ?? storeMaxBytesDefault;
  if (written.length > servicesMax) {
    const tooMany = `has ${written.length} services; split it into files of at most ${servicesMax}`;
    findings.add(["services"], tooMany);
    return {
      services: [],
      machines: [],
      keys: [],
      webhooks: [],
      api: readApi({}, host, findings),
      storeMaxBytes,
    };
  }
  const defaults = readDefaults(file.global ?? {}, findings);
  const drafts = written.map((service, index) =>
    readService(service, { at: ["services", index], defaults, host, findings }),
  );
  for (const group of groupByHost(drafts, host).values()) findCollisions(group, findings);
  return {
    services: drafts
      .flatMap((draft) => toService(draft) ?? [])
      .filter(({ machine }) => host.answersTo(machine)),
    machines: distinctMachines(drafts),
    keys: (file.global?.keys ?? []).map((key, index) => {
      const fields = createFields(key, ["global", "keys", index], findings);
      const path = fields.required("path", accept, 'give the file of a public key, such as "keys/ops.pub"');
      return { path: path ?? "", readOnly: key.ro ?? false };
    }),
    webhooks: readWebhooks(file, findings),
    api: readApi(file.api ?? {}, host, findings),
    storeMaxBytes,
  };
}

/** This host's services under "", and those of every other machine; host names are case-insensitive. */
function groupByHost(drafts: readonly Draft[], host: HostFacts): ReadonlyMap<string, readonly Draft[]> {
  return Map.groupBy(
    drafts.filter((draft) => draft.machine !== null),
    ({ machine }) => (machine === null || host.answersTo(machine) ? "" : machine.toLowerCase()),
  );
}

function distinctMachines(drafts: readonly Draft[]): readonly string[] {
  const machines = new Map<string, string>();
  for (const { machine } of drafts) {
    const key = machine?.toLowerCase() ?? "";
    if (machine !== null && !machines.has(key)) machines.set(key, machine);
  }
  return [...machines.values()];
}
