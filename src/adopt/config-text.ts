/** Reads the config of the host with the proposed entry, as the daemon would read it. */
import { readFileSync } from "node:fs";
import { renderConfigError } from "../config/errors/config-error.ts";
import { readConfig } from "../config/read-config.ts";
import { tomlString } from "../config/toml-string.ts";
import { hostNames } from "../host/host-names.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { withoutTrailing } from "../model/text/untrusted.ts";
import { hasCode } from "../platform/files/write-whole.ts";

export const defaultConfigPath = "/etc/gitopper/config.toml";

export interface ConfigText {
  readonly path: string;
  /** Null: there is no config yet. */
  readonly text: string | null;
}

/** @throws Problem when it exists and cannot be read */
export function readConfigText(path: string): ConfigText {
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    if (hasCode(error, "ENOENT") && path === defaultConfigPath) return { path, text: null };
    const why = hasCode(error, "ENOENT") ? "it does not exist" : String(error);
    throw new Problem("host", `Cannot read the config ${path}: ${why}`, { cause: error });
  }
}

/** A config for a host without one: the upstream has to be named. */
export function minimalConfig(upstream: string, branch: string): string {
  const named = branch === "main" ? "" : `branch = ${tomlString(branch)}\n`;
  return `[global]\nupstream = ${tomlString(upstream)}\n${named}mount = "/srv/gitopper"\n`;
}

/** The text with an entry at its end. */
export function withEntry(text: string, entry: string): string {
  return `${withoutTrailing(text, "\n")}\n\n${entry}`;
}

/** The services that a config with this text gives the host of these names. @throws Problem with the first error */
export async function servicesIn(text: string, path: string, machine: string): Promise<readonly Service[]> {
  const result = await readConfig(text, {
    hosts: [machine],
    defaultUser: "root",
    userExists: () => true,
    groupExists: () => true,
  });
  if (result.ok) return result.settings.services;
  const [first] = result.errors;
  throw new Problem("host", first ? renderConfigError(path, first) : `Cannot read the config ${path}`);
}

/** The name in the config that brought services to this host; the short host name when there are none. */
export async function machineOf({ path, text }: ConfigText): Promise<string> {
  const names = hostNames([]);
  if (text !== null)
    for (const name of names) {
      const [service] = await servicesIn(text, path, name);
      if (service !== undefined) return service.machine;
    }
  return names.at(-1) ?? "";
}
