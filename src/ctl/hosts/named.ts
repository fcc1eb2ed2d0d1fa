/** Parses the hosts of a command line: `@host`, `@host:port`, `@[::1]:port`, `@web1,web2`, `@group`. */
import { UsageFailure } from "../failure.ts";

export interface Named {
  /** A name or an address, without the brackets of IPv6; or a group's name. */
  readonly host: string;
  /** Null: the default port of the transport. */
  readonly port: number | null;
}

/** @throws UsageFailure for an invalid word */
export function parseHosts(words: readonly string[]): Named[] {
  return words.flatMap((word) =>
    word
      .slice(1)
      .split(",")
      .map((text) => {
        const named = parseNamed(text);
        if (named !== null) return named;
        throw new UsageFailure(
          `"@${text}" is not a host; write @host, @host:port or @[::1]:port, with commas between several`,
        );
      }),
  );
}

/** Null: the text is not a host, optionally with a port from 1 to 65535. */
export function parseNamed(text: string): Named | null {
  const parts =
    /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:/?#@[\],-][^\s:/?#@[\],]*))(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const port = parts[3] === undefined ? null : Number(parts[3]);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  return { host: parts[1] ?? parts[2] ?? "", port };
}

/** `host:port`, as in a URL and on the command line. */
export function renderNamed({ host, port }: Named): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === null ? name : `${name}:${port}`;
}

/** Replaces groups by their hosts; each host once. */
export function expandGroups(
  hosts: readonly Named[],
  groups: Readonly<Record<string, readonly Named[]>>,
): Named[] {
  const all = hosts.flatMap((named) => {
    const members = named.port === null && Object.hasOwn(groups, named.host) ? groups[named.host] : undefined;
    return members ?? [named];
  });
  return [...new Map(all.map((named) => [renderNamed(named), named])).values()];
}

/** Names and addresses of this host's loopback. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}
