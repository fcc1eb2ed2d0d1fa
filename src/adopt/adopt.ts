/** Takes the files of a service of this host into a commit, proposes its config, and proves that nothing would change. */
import { hostname } from "node:os";
import { parseUnitName } from "../config/fields/values/names.ts";
import type { Parsed } from "../config/fields/values/parsed.ts";
import { parseLink } from "../config/fields/values/places.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Exec } from "../platform/process/exec.ts";
import { compare } from "./compare.ts";
import { type ConfigText, machineOf, readConfigText, servicesIn, withEntry } from "./config-text.ts";
import { type Entry, renderEntry } from "./entry.ts";
import { passing, type UnitFacts, unitFacts } from "./host/unit-facts.ts";
import type { KnownService } from "./known/known-service.ts";
import { findKnown } from "./known/known-services.ts";
import type { Limits } from "./limits.ts";
import { type Published, type PublishOptions, publish } from "./repository/publish.ts";
import { Workspace } from "./repository/workspace.ts";
import { changesOf, pathsOf, readRoots, type Taking, takeFiles } from "./taking.ts";
import { settingsFor } from "./upstream-of.ts";
import { writeEntry } from "./write-entry.ts";

export interface AdoptOptions extends PublishOptions {
  /** A name of the unit, as people use it. */
  readonly service: string;
  /** Empty: the usual ones. */
  readonly paths: readonly string[];
  /** The directory in the repository; null: `<service>/<host>`. */
  readonly into: string | null;
  readonly take: readonly string[];
  readonly limits: Limits;
  /** The path of the daemon's config. */
  readonly config: string;
  /** Adds the entry to the config. */
  readonly write: boolean;
}

export interface Adopted {
  readonly service: string;
  readonly known: KnownService | null;
  readonly unit: UnitFacts;
  readonly taking: Taking;
  readonly entry: string;
  readonly published: Published;
  readonly config: ConfigText;
  /** Where the entry was added; null: nowhere. */
  readonly written: "config" | "commit" | null;
  /** What would change on the host; empty: nothing. */
  readonly differences: readonly string[];
}

/** Changes nothing on the host besides the clone, the patch and, if wanted, the config. @throws Problem */
export async function adopt(options: AdoptOptions, exec: Exec, now: Date): Promise<Adopted> {
  const known = findKnown(options.service);
  const service = known?.names[0] ?? valid(parseUnitName(options.service), "the name of the service");
  const config = readConfigText(options.config);
  const machine = await machineOf(config);
  const paths = pathsOf(options.paths, known, service);
  const settings = await settingsFor({ config, machine, service, clone: options.clone }, exec);
  const into = valid(parseLink(options.into ?? `${service}/${machine.split(".")[0]}`), "--into");
  const unit = await unitFacts(service, exec);
  const taking = await takeFiles({ ...options, paths, known, into }, exec);
  const entry = renderEntry(await entryOf(taking, { machine, service, known, unit }));
  const parsed = await parse(withEntry(settings.text, entry), config.path, { machine, service });
  using workspace = new Workspace(exec, settings.upstream);
  const changes = changesOf(taking);
  const message = options.message ?? `${service}: take over the files of ${hostname()}`;
  const extra = options.write ? { config: config.text, entry } : null;
  const { upstream, isConfigured, branch: follows } = settings;
  const newBranch = options.branch ?? `adopt-${service}`;
  const publishing = {
    ...options,
    upstream,
    isConfigured,
    follows,
    newBranch,
    into,
    changes,
    message,
    extra,
  };
  const published = await publish({ ...publishing, onto: null }, workspace, now);
  const differences = compare({
    ...{ service: parsed, committed: published.committed, format: published.format, names: taking.names },
    roots: readRoots(paths, options.limits),
    account: accountIn(taking),
  });
  const written = options.write ? writeEntry(config, { entry, published, differences }) : null;
  return { service, known, unit, taking, entry, published, config, written, differences };
}

function valid<T>(parsed: Parsed<T>, what: string): T {
  if (parsed.ok) return parsed.value;
  throw new Problem("host", `Cannot use ${what}: ${parsed.why}`);
}

function accountIn({ names, uid }: Taking) {
  const account = names.users.get(uid);
  if (account === undefined) throw new Error(`No account for ${uid}`);
  return account;
}

interface EntryFacts extends Pick<Entry, "machine" | "service"> {
  readonly known: KnownService | null;
  readonly unit: UnitFacts;
}

async function entryOf(taking: Taking, { machine, service, known, unit }: EntryFacts): Promise<Entry> {
  const account = accountIn(taking);
  const { check = null, checkUser = "root", checkNetwork = false, probes = [] } = known ?? {};
  return {
    ...{ machine, service, user: account.name, gid: account.gid, groups: taking.names.groups },
    action: actionOf(known, unit),
    ...{ check, checkUser, checkNetwork },
    ...{ dirs: taking.dirs, outside: taking.outside },
    probes: unit.active ? await passing(probes) : [],
  };
}

/** systemd knows whether the unit of this host can reload. */
function actionOf(known: KnownService | null, { exists, canReload }: UnitFacts): string | null {
  const wanted = known === null ? "reload" : known.action;
  return wanted === "reload" && !canReload && (exists || known === null) ? "restart" : wanted;
}

/** The entry as the daemon would read it. @throws Problem */
async function parse(
  text: string,
  path: string,
  { machine, service }: { readonly machine: string; readonly service: string },
): Promise<Service> {
  const services = await servicesIn(text, `${path} with the new entry`, machine);
  const found = services.find(({ name }) => name === service);
  if (found === undefined) throw new Problem("host", `Cannot find ${service} in ${path} with the new entry`);
  return found;
}
