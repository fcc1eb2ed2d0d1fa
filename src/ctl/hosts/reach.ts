/** From the hosts of a command line to connections. */
import type { Connection } from "../connect/connection.ts";
import type { Environment } from "../environment.ts";
import { Failure, UsageFailure } from "../failure.ts";
import { type ClientConfig, configPath, type HostEntry, readConfig } from "./config-file.ts";
import { expandGroups, type Named, renderNamed } from "./named.ts";
import { isThisHost, resolveTransport, type TransportFlags, type TransportQuery } from "./resolve.ts";

export interface Endpoint {
  /** As on the command line or in the group; `this host` when it names none. */
  readonly name: string;
  readonly connection: Connection;
}

interface ReachOptions {
  readonly hosts: readonly Named[];
  readonly flags: TransportFlags;
  readonly timeoutMs: number;
}

const replyMaxBytes = 8 * 1024 * 1024;

/** @throws Failure for an unusable config or token_file, UsageFailure for contradictory flags */
export function reach({ hosts, flags, timeoutMs }: ReachOptions, environment: Environment): Endpoint[] {
  const config = readConfig(environment);
  const all = hosts.length === 0 ? [null] : expandGroups(hosts, config.groups);
  if (all.length === 0) throw new Failure("The group has no hosts");
  const queries = all.map((named) => ({ ...environment, named, entry: entryOf(named, config), flags }));
  if (queries.length > 1) checkTokens(queries, flags, environment);
  return queries.map((query) => ({
    name: query.named === null ? "this host" : renderNamed(query.named),
    connection: environment.connect(resolveTransport(query), { timeoutMs, replyMaxBytes }),
  }));
}

/** A token belongs to one host; the others must not get it. */
function checkTokens(
  queries: readonly TransportQuery[],
  flags: TransportFlags,
  { env, home }: Environment,
): void {
  const given = flags.token !== null ? "--token" : env.GITOPPER_TOKEN ? "GITOPPER_TOKEN" : null;
  if (given === null || flags.via === "ssh" || flags.identity !== null) return;
  if (queries.every((query) => hasOwnCredential(query) || isThisHost(query))) return;
  throw new UsageFailure(
    `${given} is for one host, and ${queries.length} are asked; give each a token_file of its own in ${configPath(env, home)}`,
  );
}

/** Whether a host of the config has a credential of its own, and does not get the given token. */
function hasOwnCredential({ entry, flags }: TransportQuery): boolean {
  if (flags.token !== null || entry === null) return false;
  return Boolean(entry.token_file || entry.identity) || (entry.via !== undefined && entry.via !== "https");
}

function entryOf(named: Named | null, { hosts }: ClientConfig): HostEntry | null {
  const host = named?.host ?? "";
  return Object.hasOwn(hosts, host) ? (hosts[host] ?? null) : null;
}
