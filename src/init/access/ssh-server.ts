/** Which server an upstream over ssh is at, as ssh itself sees it. */
import { decodePercent } from "../../model/text/untrusted.ts";
import type { Exec } from "../../platform/process/exec.ts";

/** As written in the URL. */
export interface SshTarget {
  readonly user: string | null;
  readonly host: string;
  readonly port: string | null;
}

/** Null: it is not over ssh. Pure. */
export function sshTarget(upstream: string): SshTarget | null {
  const url = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]+\]|[^:/]+)(?::(\d+))?(?:\/|$)/.exec(upstream);
  const scp = /^[^/]+:\/\//.test(upstream)
    ? null
    : /^(?:([^@:/\s]+)@)?(\[[^\]/]+\]|[^@:/[\]\s]+):/.exec(upstream);
  const [, user, host, port] = url ?? scp ?? [];
  if (host === undefined) return null;
  const name = decodePercent(host.replace(/^\[(.*)\]$/, "$1"));
  // Git decodes the user together with the host.
  return name ? { user: user ? decodePercent(user) : null, host: name, port: port ?? null } : null;
}

/** What ssh connects to, with its configuration applied. */
export interface SshServer {
  readonly hostname: string;
  readonly port: string;
  /** The name of its line in known_hosts. */
  readonly knownAs: string;
  /** It is reached through another program or server, so ssh-keyscan(1) cannot ask it. */
  readonly isBehind: boolean;
}

/** @throws ExecFailure */
export async function resolveServer({ user, host, port }: SshTarget, exec: Exec): Promise<SshServer> {
  const login = user === null ? [] : ["-l", user];
  const argv = ["ssh", "-G", ...login, ...(port === null ? [] : ["-p", port]), "--", host];
  const { stdout } = await exec(argv, { timeoutMs: 30_000 });
  return readServer(stdout, { host, port });
}

/** Pure. */
export function readServer(text: string, { host, port }: Pick<SshTarget, "host" | "port">): SshServer {
  const values = new Map(
    text.split("\n").map((line) => {
      const at = line.indexOf(" ");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const set = (key: string) => {
    const value = values.get(key);
    return value === undefined || value === "none" ? null : value;
  };
  const hostname = set("hostname") ?? host;
  const number = set("port") ?? port ?? "22";
  const standard = number === "22" ? hostname : `[${hostname}]:${number}`;
  const isBehind = set("proxyjump") !== null || set("proxycommand") !== null;
  return { hostname, port: number, knownAs: set("hostkeyalias") ?? standard, isBehind };
}
