/** Compares a config with the services of this host before it is used: it may not remove all of them by mistake. */
import { request } from "node:http";
import { detailsReply } from "../../api/shapes.ts";
import { hostNames } from "../../host/host-names.ts";
import { isReleased } from "../../model/state.ts";
import type { Records } from "../../reconcile/records.ts";
import { type Present, type Removal, removalFault, removalsOf } from "../../rollout/removals.ts";
import type { Options } from "../options.ts";
import type { Loaded } from "./load-config.ts";

/** The services of the records, without gitopper's own, and without those that are released: nothing of them is removed. */
export function presentIn(
  records: Pick<Records, "records" | "mounts">,
  self: string | undefined,
): readonly Present[] {
  const present = records.records().filter(({ service, state }) => service !== self && !isReleased(state));
  return present.map(({ service }) => ({ service, mounts: records.mounts(service) }));
}

/** The config; an error if it would remove all services. */
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
const getTimeoutMs = 5_000;

/** The services of the running daemon; none if no daemon runs, or if this user may not use its socket. */
export async function presentOnHost(socketPath: string | null, self: string | undefined): Promise<Present[]> {
  if (socketPath === null) return [];
  const text = await get(socketPath, "/api/v1/services").catch(() => "{}");
  const reply = detailsReply.safeParse(JSON.parse(text));
  const services = reply.success ? reply.data.services.filter(({ service }) => service !== self) : [];
  return services.map(({ service, links, commit }) => ({
    service,
    mounts: commit === null ? [] : links.flatMap(({ local }) => local ?? []),
  }));
}

function get(socketPath: string, path: string): Promise<string> {
  const signal = AbortSignal.timeout(getTimeoutMs);
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
