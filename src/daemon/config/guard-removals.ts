/** A config is compared with what this host has, before it is used: it may not take all of it away by mistake. */
import { request } from "node:http";
import { detailsReply } from "../../api/shapes.ts";
import type { Records } from "../../reconcile/records.ts";
import { type Present, type Removal, removalFault, removalsOf } from "../../rollout/removals.ts";
import type { Options } from "../options.ts";
import { hostNames, type Loaded } from "./load-config.ts";

/** What the records have, without gitopper's own service. */
export function presentIn(records: Records, self: string | undefined): readonly Present[] {
  const present = records.records().filter(({ service }) => service !== self);
  return present.map(({ service }) => ({ service, mounts: records.mounts(service) }));
}

/** The config as it may be used; one that would take away everything is an error of it. */
export function guardRemovals(
  loaded: Loaded,
  present: readonly Present[],
  {
    options,
    configPath,
  }: { readonly options: Pick<Options, "allowRemoval" | "hosts">; readonly configPath: string },
): Loaded {
  if (!loaded.ok || options.allowRemoval) return loaded;
  const fault = removalFault(present, loaded.settings.services, hostNames(options.hosts));
  return fault === null ? loaded : { ok: false, lines: [`${configPath}: ${fault}`] };
}

export function removalsBy(loaded: Loaded, present: readonly Present[]): readonly Removal[] {
  return loaded.ok ? removalsOf(present, loaded.settings.services) : [];
}

const answerMaxBytes = 16 * 1024 * 1024;
const askTimeoutMs = 5_000;

/** What the daemon that runs on this host has in place; none where none runs, or it is not for us to ask. */
export async function presentOnHost(socketPath: string | null, self: string | undefined): Promise<Present[]> {
  if (socketPath === null) return [];
  const text = await ask(socketPath, "/api/v1/services").catch(() => "{}");
  const reply = detailsReply.safeParse(JSON.parse(text));
  const services = reply.success ? reply.data.services.filter(({ service }) => service !== self) : [];
  return services.map(({ service, links, commit }) => ({
    service,
    mounts: commit === null ? [] : links.flatMap(({ local }) => local ?? []),
  }));
}

function ask(socketPath: string, path: string): Promise<string> {
  const signal = AbortSignal.timeout(askTimeoutMs);
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > answerMaxBytes) sent.destroy(new Error("The answer is too long"));
      });
      response.on("end", () => resolve(text)).on("error", reject);
    });
    sent.on("error", reject).end();
  });
}
