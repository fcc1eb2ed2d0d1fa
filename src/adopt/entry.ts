/** Renders the `[[services]]` entry that is proposed. Pure. */
import { tomlString } from "../config/toml-string.ts";
import type { Arranged } from "./arrange.ts";
import { octal } from "./host/host-tree.ts";
import type { KnownProbe } from "./known/known-service.ts";

export interface Entry {
  readonly machine: string;
  readonly service: string;
  readonly user: string;
  /** The group of files without one. */
  readonly gid: number;
  /** Null: none. */
  readonly action: string | null;
  readonly check: readonly string[] | null;
  /** Null: the user of the service. */
  readonly checkUser: string | null;
  readonly checkNetwork: boolean;
  readonly outside: readonly string[];
  readonly dirs: readonly Arranged[];
  readonly probes: readonly KnownProbe[];
  readonly groups: ReadonlyMap<number, string>;
}

/** TOML, with a line break at its end. */
export function renderEntry(entry: Entry): string {
  const { machine, service, user, action, check, checkUser, checkNetwork, outside, dirs, probes } = entry;
  const lines = [
    "[[services]]",
    `machine = ${tomlString(machine)}`,
    `service = ${tomlString(service)}`,
    ...(user === "root" ? [] : [`user = ${tomlString(user)}`]),
    ...(action === null ? [] : [`action = ${tomlString(action)}`]),
    ...(check === null ? [] : [`check = ${list(check)}`]),
    ...(check === null || checkUser === null || checkUser === user
      ? []
      : [`check_user = ${tomlString(checkUser)}`]),
    ...(checkNetwork ? ["check_network = true"] : []),
    ...(outside.length === 0 ? [] : [`outside_symlinks = ${list(outside)}`]),
    "dirs = [",
    ...dirs.map((dir) => `  ${renderDir(dir, entry)},`),
    "]",
    ...probes.flatMap((probe) => ["", "[[services.health]]", renderProbe(probe)]),
  ];
  return `${lines.join("\n")}\n`;
}

function renderDir({ local, link, file, access }: Arranged, { gid, groups }: Entry): string {
  const group = access.gid === gid ? undefined : groups.get(access.gid);
  const fields = [
    ...(local === null ? [] : [`local = ${tomlString(local)}`]),
    `link = ${tomlString(link)}`,
    ...(file ? ["file = true"] : []),
    ...(access.mode === null ? [] : [`mode = ${tomlString(octal(access.mode))}`]),
    ...(group === undefined ? [] : [`group = ${tomlString(group)}`]),
  ];
  return `{ ${fields.join(", ")} }`;
}

function renderProbe(probe: KnownProbe): string {
  return "http" in probe ? `http = ${tomlString(probe.http)}` : `tcp = ${tomlString(probe.tcp)}`;
}

function list(values: readonly string[]): string {
  return `[${values.map(tomlString).join(", ")}]`;
}
