/** Reads the config file for this host. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { renderConfigError } from "../../config/errors/config-error.ts";
import { readConfig } from "../../config/read-config.ts";
import { secretsBeside } from "../../credentials/secret-files.ts";
import { signerFaults } from "../../credentials/signer-faults.ts";
import { besideConfig, keyFaults } from "../../credentials/ssh-keys.ts";
import { findAccounts, findGroups } from "../../host/accounts.ts";
import type { Account } from "../../model/account.ts";
import type { Service, Settings } from "../../model/service.ts";
import { hasCode } from "../../platform/files/write-whole.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { tlsFaults } from "../../server/tls/tls.ts";

export type Loaded =
  | {
      readonly ok: true;
      readonly text: string;
      readonly settings: Settings;
      readonly accounts: ReadonlyMap<string, Account>;
      /** Of `[api] group`; null where there is none. */
      readonly gid: number | null;
      /** What is wrong with files that the config names: keys, signers, certificates. */
      readonly faults: readonly string[];
    }
  /** One line an error, each with file, line, key, what is wrong and what would be right. */
  | { readonly ok: false; readonly lines: readonly string[] };

export type Valid = Extract<Loaded, { ok: true }>;

/** A config and all files that it names; a file that cannot be used is an error. */
export async function loadConfig(...args: Parameters<typeof loadForStart>): Promise<Loaded> {
  const loaded = await loadForStart(...args);
  return loaded.ok && loaded.faults.length > 0 ? { ok: false, lines: loaded.faults } : loaded;
}

/** The same with `faults`: at a start a damaged file affects only the part that needs it. */
export async function loadForStart(
  path: string,
  hosts: readonly string[],
  user: Account,
  exec: Exec,
): Promise<Loaded> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { ok: false, lines: [`Cannot read the config: ${whyUnread(path, error)}`] };
  }
  const context = { hosts, defaultUser: user.name, groupExists: () => true };
  // Twice: first to collect the users, then with the answer of one getent for all of them.
  const users = new Set([user.name]);
  const first = await readConfig(text, { ...context, userExists: (name) => Boolean(users.add(name)) });
  if (first.ok) for (const service of first.settings.services) users.add(service.user);
  const accounts = new Map([...(await findAccounts([...users], exec)), [user.name, user]]);
  const named = first.ok ? groupsOf(first.settings) : [];
  const groups = await findGroups(named, exec);
  const result = await readConfig(text, {
    ...context,
    userExists: (name) => accounts.has(name),
    groupExists: (name) => !named.includes(name) || groups.has(name),
  });
  if (!result.ok) return { ok: false, lines: result.errors.map((error) => renderConfigError(path, error)) };
  const settings = withPathsBeside(path, result.settings);
  const gid = groups.get(settings.api.group ?? "") ?? null;
  const faults = [
    ...(await keyFaults({ path, text }, settings.keys)),
    ...(await signerFaults({ path, text }, settings.services)),
    ...tlsFaults(settings.api),
  ];
  return { ok: true, text, settings, accounts, gid, faults };
}

function whyUnread(path: string, error: unknown): string {
  if (hasCode(error, "ENOENT")) return `there is no ${path}`;
  if (hasCode(error, "EISDIR")) return `${path} is a directory; name the file in it`;
  return error instanceof Error ? error.message : String(error);
}

/** `; the config has services for …`, for a host without services. */
export function whoseServices(machines: readonly string[]): string {
  if (machines.length === 0) return "; the config has no services";
  const more = machines.length > machinesShown ? ` and ${machines.length - machinesShown} more` : "";
  return `; those of the config are for ${machines.slice(0, machinesShown).join(", ")}${more}`;
}

const machinesShown = 5;

function groupsOf({ api, services }: Pick<Settings, "api" | "services">): readonly string[] {
  const ofLinks = services.flatMap(({ links }) => links.map(({ access }) => access?.group ?? null));
  return [api.group, ...ofLinks].filter((name) => name !== null);
}

/** Paths of the config are relative to where it is. */
function withPathsBeside(path: string, settings: Settings): Settings {
  const { api, services, keys, webhooks } = settings;
  const place = (file: string | null) => (file === null ? null : resolve(dirname(path), file));
  const signed = (verify: NonNullable<Service["verify"]>) => ({
    ...verify,
    ...{ allowedSigners: place(verify.allowedSigners), gpgKeyring: place(verify.gpgKeyring) },
  });
  return {
    ...settings,
    api: { ...api, cert: place(api.cert), key: place(api.key), clientCa: place(api.clientCa) },
    services: services.map((service) => ({ ...service, verify: service.verify && signed(service.verify) })),
    keys: besideConfig(path, keys),
    webhooks: secretsBeside(path, webhooks),
  };
}
