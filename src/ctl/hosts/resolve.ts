/** Chooses the transport to a host: from the command line, else the config, else defaults. */
import { defaultSocket } from "../../platform/files/default-socket.ts";
import type { Transport } from "../connect/connection.ts";
import type { Environment } from "../environment.ts";
import { Failure, UsageFailure } from "../failure.ts";
import { type HostEntry, readFile, type Via } from "./config-file.ts";
import { isLoopback, type Named, parseNamed, renderNamed } from "./named.ts";

const ports = { http: 8000, https: 8000, ssh: 2222 } as const;

/** The flags about the transport. */
export interface TransportFlags {
  readonly via: Via | null;
  readonly identity: string | null;
  readonly token: string | null;
}

export interface TransportQuery extends Pick<Environment, "env" | "home" | "hostname" | "files"> {
  /** Null: the command line names no host. */
  readonly named: Named | null;
  /** The host's entry in the config. */
  readonly entry: HostEntry | null;
  readonly flags: TransportFlags;
}

/** @throws UsageFailure for contradictory flags; Failure when a token would be sent unencrypted */
export function resolveTransport(given: TransportQuery): Transport {
  const query = isThisHost(given) ? { ...given, named: null } : given;
  const { named, entry, flags } = query;
  checkFlags(flags);
  const address = addressOf(named, entry);
  const via = flags.via ?? viaOfFlags(flags) ?? viaOfEntry(entry) ?? defaultVia(query, address.host);
  if (via === "socket") return { via, path: socketOf(query) };
  const { host } = address;
  const port = address.port ?? ports[via];
  if (via !== "ssh")
    return { via, host, port, token: via === "http" ? plainToken(query, host) : tokenOf(query) };
  const identity = flags.identity ?? entry?.identity ?? null;
  return { via, host, port, identity: identity && expandHome(identity, query.home) };
}

/**
 * Whether the named host is this one, by its hostname or its first label, and nothing says how to reach it: then it is
 * treated as if no host were named.
 */
export function isThisHost({ named, entry, flags, hostname }: TransportQuery): boolean {
  if (named === null || named.port !== null || entry !== null) return false;
  if ((flags.via ?? viaOfFlags(flags) ?? "socket") !== "socket") return false;
  const own = hostname.toLowerCase();
  return [own, own.split(".")[0]].includes(named.host.toLowerCase());
}

function checkFlags({ via, identity, token }: TransportFlags): void {
  if (token === "")
    throw new UsageFailure("the --token is empty; give the token that gitopperctl token new printed");
  if (identity !== null && token !== null)
    throw new UsageFailure("an --identity is for ssh and a --token for https; give one of them");
  if (identity !== null && via !== null && via !== "ssh")
    throw new UsageFailure(`an --identity is for ssh, not for --via ${via}`);
  if (token !== null && (via === "ssh" || via === "socket"))
    throw new UsageFailure(`a --token is for https, not for --via ${via}`);
}

/** A port on the command line takes precedence over the config. */
function addressOf(named: Named | null, entry: HostEntry | null): Named {
  if (named === null) return { host: "localhost", port: null };
  const written = entry?.address && entry.via !== "socket" ? parseNamed(entry.address) : null;
  return { host: written?.host ?? named.host, port: named.port ?? written?.port ?? null };
}

function viaOfFlags({ identity, token }: TransportFlags): Via | null {
  if (identity !== null) return "ssh";
  return token === null ? null : "https";
}

function viaOfEntry(entry: HostEntry | null): Via | null {
  if (entry?.via) return entry.via;
  if (entry?.identity) return "ssh";
  return entry?.token_file ? "https" : null;
}

function defaultVia({ named, files, env }: TransportQuery, host: string): Via {
  if (named === null) return files.isUsableSocket(defaultSocket) ? "socket" : "http";
  if (isLoopback(host)) return "http";
  return env.GITOPPER_TOKEN ? "https" : "ssh";
}

function socketOf({ named, entry }: TransportQuery): string {
  if (entry?.via === "socket" && entry.address) return entry.address;
  if (named === null || isLoopback(named.host) || entry?.via === "socket") return defaultSocket;
  throw new UsageFailure(`the socket is this host's; "${renderNamed(named)}" is reached over https or ssh`);
}

function tokenOf({ flags, entry, env, home, files }: TransportQuery): string | null {
  if (flags.token !== null) return flags.token;
  if (entry?.token_file) return readToken(expandHome(entry.token_file, home), files);
  return env.GITOPPER_TOKEN || null;
}

function readToken(path: string, files: Environment["files"]): string {
  const token = readFile(path, files)?.trim() ?? "";
  if (token === "" || /\s/.test(token))
    throw new Failure(`Cannot use the token_file ${path}: there is no token in it`);
  return token;
}

/**
 * Plain HTTP is readable on the network, so a token is only sent on loopback; and there only one that was given for this
 * host, because any user may listen where no daemon does.
 */
function plainToken(query: TransportQuery, host: string): string | null {
  if (isLoopback(host)) return tokenOf({ ...query, env: {} });
  if (query.flags.token === null && !query.entry?.token_file) return null;
  throw new Failure(`A token would be readable on the way to ${host}: use --via https instead of http`);
}

function expandHome(path: string, home: string): string {
  return path.replace(/^~(?=\/|$)/, home);
}
