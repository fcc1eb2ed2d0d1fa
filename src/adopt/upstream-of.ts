/** Which upstream, branch and mount a new service of this host would have. */

import { resolve } from "node:path";
import { Problem } from "../model/problem.ts";
import type { Exec } from "../platform/process/exec.ts";
import { type ConfigText, minimalConfig, servicesIn, withEntry } from "./config-text.ts";

export interface UpstreamSettings {
  /** The config, or what a host without one could start with. */
  readonly text: string;
  readonly upstream: string;
  readonly branch: string;
  /** The config names it; else it comes from the clone, or is an example. */
  readonly isConfigured: boolean;
}

interface Question {
  readonly config: ConfigText;
  readonly machine: string;
  readonly service: string;
  readonly clone: string | null;
}

const example = "https://git.example.org/config.git";

/** @throws Problem when the config is invalid, or has the service already */
export async function settingsFor(
  { config, machine, service, clone }: Question,
  exec: Exec,
): Promise<UpstreamSettings> {
  const { path, text } = config;
  if (text === null) {
    const { upstream, branch } = await originOf(clone, exec);
    const named = upstream ?? example;
    return { text: minimalConfig(named, branch), upstream: named, branch, isConfigured: false };
  }
  const present = await servicesIn(text, path, machine);
  if (present.some(({ name }) => name === service)) {
    const remedy = `for edits of its files use gitopperctl adopt --drift ${service}`;
    throw new Problem("host", `Cannot adopt ${service}: ${path} has it already; ${remedy}`);
  }
  const probe = `[[services]]\nmachine = ${JSON.stringify(machine)}\nservice = ${JSON.stringify(service)}\n`;
  const services = await servicesIn(withEntry(text, probe), `${path} with a new service`, machine);
  const found = services.find(({ name }) => name === service);
  if (found === undefined) throw new Problem("host", `Cannot find the new service in ${path}`);
  return { text, upstream: found.upstream, branch: found.branch, isConfigured: true };
}

/** What a clone follows. */
async function originOf(clone: string | null, exec: Exec) {
  if (clone === null) return { upstream: null, branch: "main" };
  const read = async (...args: readonly string[]) => {
    const argv = [
      "git",
      "-c",
      "core.fsmonitor=false",
      "-c",
      "safe.directory=*",
      "-C",
      resolve(clone),
      ...args,
    ];
    const { stdout } = await exec(argv, { timeoutMs: 10_000 }).catch(() => ({ stdout: "" }));
    return stdout.trim();
  };
  const upstream = (await read("config", "--get", "remote.origin.url")).replace(/:\/\/[^/]*@/, "://");
  const head = await read("symbolic-ref", "--short", "refs/remotes/origin/HEAD");
  return { upstream: upstream || null, branch: head.replace(/^origin\//, "") || "main" };
}
