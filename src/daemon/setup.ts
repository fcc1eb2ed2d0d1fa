/** From the command line to a config that is valid, before anything on the host is touched. */
import { hostname, userInfo } from "node:os";
import { hostNames } from "../host/host-names.ts";
import { hiddenBy } from "../host/mounts/hidden.ts";
import { bindsOf, readMountTable } from "../host/mounts/mounts.ts";
import type { Link, Service } from "../model/service.ts";
import { exec } from "../platform/process/exec.ts";
import { renderRemoval } from "../rollout/removals.ts";
import { renderCheck } from "./config/check.ts";
import { guardRemovals, presentOnHost, removalsBy } from "./config/guard-removals.ts";
import { type Loaded, loadConfig, loadForStart, type Valid } from "./config/load-config.ts";
import { unitWarnings } from "./config/unit-warnings.ts";
import type { Options } from "./options.ts";
import { selfConfigPath, selfService } from "./self.ts";

/** An error for people: one line each, without a stack. */
export class StartFailure extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[], options?: ErrorOptions) {
    super(lines.join("\n"), options);
    this.lines = lines;
  }
}

export type Setup = ReturnType<typeof prepare>;

/** @throws StartFailure */
export function prepare(options: Options) {
  const { username, uid, gid, homedir } = userInfo();
  const user = { name: username, uid, gid, home: homedir };
  // A check changes nothing, so it needs no more than the config.
  if (options.root && uid !== 0 && !options.check)
    throw new StartFailure(["gitopper has to run as root; -o=false lets it run without, for a try"]);
  const hosts = hostNames(options.hosts);
  const self = options.bootstrap && selfService(options.bootstrap, hostname(), user);
  if (options.bootstrap && self === null)
    throw new StartFailure([`-D ${options.bootstrap.directory} has to be a directory inside the repository`]);
  const configPath = self ? selfConfigPath(self, options.config) : options.config;
  const read = async (how: typeof loadConfig) =>
    withKeysFor(options.ssh, await how(configPath, hostNames(options.hosts), user, exec));
  return {
    ...{ options, user, self, configPath },
    /** The names that the host answers to since the start. */
    hosts,
    /** For the names that it answers to now. */
    load: () => read(loadConfig),
    /** The same, with faults for files that cannot be used; everything else starts. */
    loadForStart: () => read(loadForStart),
  };
}

/** An SSH listener without keys is a config error, because no caller could log in. */
function withKeysFor(ssh: string | null, loaded: Loaded): Loaded {
  if (!loaded.ok || !ssh || loaded.settings.keys.length > 0) return loaded;
  const line = `Cannot open the SSH listener of -s ${ssh}: the config has no keys; add [global] keys = [{ path = "ops.pub" }]`;
  return { ok: false, lines: [line] };
}

/** A valid config, and what this host would do with it. */
export interface Checked {
  readonly setup: Setup;
  readonly valid: Valid;
  readonly shown: string;
  /** What the config removes, a line each. */
  readonly removed: string;
}

/** Returns the text of `--check`. @throws StartFailure when the config is not valid */
export async function check(options: Options): Promise<string> {
  const { valid, shown, removed } = await checkConfig(options);
  const warnings = await unitWarnings(valid.settings.services, exec);
  return [shown, ...warnings, removed].join("");
}

/** @throws StartFailure when the config is not valid */
export async function checkConfig(options: Options): Promise<Checked> {
  const setup = prepare(options);
  const present = await presentOnHost(options.socket, setup.self?.name);
  const loaded = guardRemovals(await setup.load(), present, setup);
  const removed = removalsBy(loaded, present).map((removal) => `${renderRemoval(removal)}\n`);
  const valid = settingsOf(loaded);
  const table = readMountTable();
  const hides = (service: Service, link: Link) =>
    bindsOf(service, [link])
      .map((bind) => hiddenBy(bind, table))
      .join("");
  const shown = renderCheck(setup.configPath, valid.settings, setup.hosts, hides);
  return { setup, valid, shown, removed: removed.join("") };
}

export function settingsOf(loaded: Loaded): Valid {
  if (!loaded.ok) throw new StartFailure(loaded.lines);
  return loaded;
}
