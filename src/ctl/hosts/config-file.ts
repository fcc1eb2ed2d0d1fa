/** The client's config: hosts with their transports, and groups of hosts. */
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as z from "zod/mini";
import { messageOf } from "../../model/text/error-message.ts";
import type { Environment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { visible } from "../output/visible.ts";
import { type Named, parseNamed, renderNamed } from "./named.ts";

export const vias = ["https", "ssh", "http", "socket"] as const;
export type Via = (typeof vias)[number];

/** The settings of a host. */
const entry = z.strictObject({
  /** `host`, `host:port`, or the path of a socket. */
  address: z.optional(z.string()),
  via: z.optional(z.enum(vias)),
  identity: z.optional(z.string()),
  token_file: z.optional(z.string()),
});
export type HostEntry = z.output<typeof entry>;

export interface ClientConfig {
  readonly hosts: Readonly<Record<string, HostEntry>>;
  readonly groups: Readonly<Record<string, readonly Named[]>>;
}

const shape = z.strictObject({
  hosts: z.optional(z.record(z.string(), entry)),
  groups: z.optional(z.record(z.string(), z.array(z.string()))),
});
type Written = z.output<typeof shape>;

/** The path of the file, by the XDG base directory specification. */
export function configPath(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const base = env.XDG_CONFIG_HOME?.startsWith("/") ? env.XDG_CONFIG_HOME : join(home, ".config");
  return join(base, "gitopper/config.toml");
}

/** @throws Failure with file and key */
export function readConfig({ env, home, files }: Pick<Environment, "env" | "home" | "files">): ClientConfig {
  const path = configPath(env, home);
  return parseClientConfig(readFile(path, files), path);
}

/** Null: the file does not exist. @throws Failure */
export function readFile(path: string, files: Environment["files"]): string | null {
  try {
    return files.read(path);
  } catch (error) {
    throw new Failure(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Parses the file's text; null: there is no file.
 * @throws Failure with file and key, in one line
 */
export function parseClientConfig(text: string | null, path: string): ClientConfig {
  if (text === null) return { hosts: {}, groups: {} };
  const fail = (why: string): never => {
    throw new Failure(`Cannot use ${path}: ${why}`);
  };
  const written = z.safeParse(shape, parseToml(text, fail));
  if (!written.success) return fail(explainIssue(written.error.issues[0]));
  const wrong = findMistake(written.data);
  if (wrong !== null) return fail(wrong);
  return settle(written.data);
}

function parseToml(text: string, fail: (why: string) => never): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.replace(/^Invalid TOML document: /, "").split("\n")[0] ?? "";
    return fail(`line ${error.line} is not TOML: ${visible(why)}`);
  }
}

/** Explains an issue to the author of the file. */
function explainIssue(issue: z.core.$ZodIssue | undefined): string {
  const path = (issue?.path ?? []).map((part) => visible(String(part)));
  const key = `"${path.join(".")}"`;
  switch (issue?.code) {
    case "unrecognized_keys": {
      const unknown = [...path, visible(issue.keys[0] ?? "")].join(".");
      return `there is no key "${unknown}"; ${path.length === 0 ? "there are hosts and groups" : "a host has address, via, identity and token_file"}`;
    }
    case "invalid_value":
      return `${key} has to be one of ${issue.values.map((value) => `"${String(value)}"`).join(", ")}`;
    case "invalid_type":
      return `${key} has to be ${kinds[issue.expected] ?? issue.expected}`;
    default:
      return `${key} is not as it should be`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text in quotes",
  array: 'a list such as ["web1", "web2"]',
  object: "a table",
  record: "a table",
};

/** Mistakes that the schema cannot express; null: none. */
function findMistake({ hosts = {}, groups = {} }: Written): string | null {
  const ofHosts = Object.entries(hosts).map(([name, host]) => mistakeOfHost(name, host));
  const ofGroups = Object.entries(groups).map(([name, members]) =>
    Object.hasOwn(hosts, name) ? `"groups.${name}" has the name of a host` : mistakeOfGroup(name, members),
  );
  return [...ofHosts, ...ofGroups].find((mistake) => mistake !== null) ?? null;
}

function mistakeOfHost(name: string, { address, via, identity, token_file }: HostEntry): string | null {
  const key = `hosts.${name}`;
  // A key may be an IPv6 address, which has no brackets there.
  if (parseNamed(renderNamed({ host: name, port: null }))?.port !== null)
    return `"${key}" is not the name of a host`;
  if (identity !== undefined && token_file !== undefined)
    return `"${key}" has both an identity, which is for ssh, and a token_file, which is for https`;
  if (identity !== undefined && via !== undefined && via !== "ssh")
    return `"${key}.identity" is for via = "ssh"`;
  if (token_file !== undefined && (via === "ssh" || via === "socket"))
    return `"${key}.token_file" is for via = "https"`;
  if (address === undefined) return null;
  if (via !== "socket")
    return parseNamed(address) === null ? `"${key}.address" has to be host or host:port` : null;
  return address.startsWith("/")
    ? null
    : `"${key}.address" has to be the path of a socket, because via is "socket"`;
}

function mistakeOfGroup(name: string, members: readonly string[]): string | null {
  if (parseNamed(name)?.port !== null) return `"groups.${name}" is not a name that @ can be put before`;
  const wrong = members.find((member) => parseNamed(member) === null);
  return wrong === undefined ? null : `"groups.${name}" has "${wrong}", which is not a host`;
}

function settle({ hosts = {}, groups = {} }: Written): ClientConfig {
  const named = Object.entries(groups).map(([name, members]) => [
    name,
    members.flatMap((member) => parseNamed(member) ?? []),
  ]);
  return { hosts, groups: Object.fromEntries(named) };
}
