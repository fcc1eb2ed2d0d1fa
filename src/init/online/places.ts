/** Finds the keys of the config that a service's settings came from. Pure. */
import type { Path } from "../../config/errors/finding.ts";
import { parseRepoPath } from "../../model/path.ts";
import type { Service } from "../../model/service.ts";

export interface Places {
  /** The service's own key, else that of `[global]`, else the service. */
  readonly key: (service: Service, key: "upstream" | "branch" | "service") => Path;
  readonly link: (service: Service, link: string) => Path;
}

/** The part of a config, as `parse` of smol-toml returns it, that is needed here; it has been found valid. */
export interface ConfigDocument {
  readonly global?: { readonly upstream?: string; readonly branch?: string };
  readonly services?: readonly ServiceEntry[];
}

interface ServiceEntry {
  readonly machine?: string;
  readonly service?: string;
  readonly upstream?: string;
  readonly branch?: string;
  readonly dirs?: readonly { readonly link?: string }[];
}

export function placesIn({ global = {}, services = [] }: ConfigDocument): Places {
  const indexOf = ({ name, machine }: Service) =>
    services.findIndex((entry) => entry.service === name && entry.machine === machine);
  return {
    key: (service, key) => {
      const index = indexOf(service);
      if (services[index]?.[key]) return ["services", index, key];
      return key !== "service" && global[key] ? ["global", key] : ["services", index];
    },
    link: (service, link) => {
      const index = indexOf(service);
      const dirs = services[index]?.dirs ?? [];
      const at = dirs.findIndex((dir) => parseRepoPath(dir.link ?? "") === link);
      return at < 0 ? ["services", index] : ["services", index, "dirs", at, "link"];
    },
  };
}
