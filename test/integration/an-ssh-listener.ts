/** The SSH door over a host that only remembers, and an OpenSSH client with keys of its own, for tests. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { json, problem } from "../../src/api/problem.ts";
import { type Route, route } from "../../src/api/route.ts";
import type { AuditEntry } from "../../src/api/shapes.ts";
import { type KnownKey, parseKeyFile } from "../../src/model/ssh-public-key.ts";
import { serveSsh } from "../../src/server/ssh/ssh.ts";
import { aHost, anAudit, type HostOverrides } from "../builders/a-host.ts";
import { type RunOptions, type RunResult, run } from "../host/run.ts";

/** Routes that show what came in, beside those of the table that a test adds. */
const echoes: readonly Route[] = [
  route({
    method: "POST",
    path: "/echo",
    role: "operate",
    purpose: "",
    body: z.unknown(),
    reply: null,
    handle: (_host, { body, caller }) => json(200, { body, caller }),
  }),
  route({
    method: "GET",
    path: "/whoami",
    role: "read",
    purpose: "",
    reply: null,
    handle: (_host, { caller, lastEventId }) => json(200, { ...caller, lastEventId }),
  }),
  route({
    method: "GET",
    path: "/large",
    role: "read",
    purpose: "",
    reply: null,
    handle: () => json(200, "x".repeat(8_000_000)),
  }),
  route({
    method: "GET",
    path: "/broken",
    role: "read",
    purpose: "",
    reply: null,
    handle: () => problem(503, "Not well"),
  }),
];

export interface TestSshListener extends AsyncDisposable {
  readonly port: number;
  /** A directory for keys and known hosts, and the client's home. */
  readonly home: string;
  readonly hostKeyFile: string;
  readonly audit: readonly Omit<AuditEntry, "id" | "at">[];
  readonly failed: readonly string[];
  /** Makes a key with ssh-keygen(1); without a role it cannot come in. Gives its file. */
  makeKey(name: string, keygen: readonly string[], role: "read" | "operate" | null): Promise<string>;
  /** From now on the key does not come in. */
  removeKey(name: string): void;
  /** Runs ssh(1) with a key. */
  ssh(identity: string, words: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** `identity` null: what the agent has. */
  sshArgv(identity: string | null, words: readonly string[]): readonly string[];
}

export async function openSshListener({
  routes = [],
  host = {},
  hasTooManyFailures = () => false,
  ...more
}: {
  readonly routes?: readonly Route[];
  readonly host?: HostOverrides;
  readonly hasTooManyFailures?: () => boolean;
  readonly loginTimeoutMs?: number;
} = {}): Promise<TestSshListener> {
  const home = mkdtempSync(join(tmpdir(), "gitopper-ssh-"));
  const hostKeyFile = join(home, "host_key");
  await keygen(hostKeyFile, ["-t", "ed25519"]);
  const keys: KnownKey[] = [];
  const audit = anAudit();
  const failed: string[] = [];
  const listener = await serveSsh({
    address: "127.0.0.1:0",
    flag: "-s",
    ...more,
    hostKey: readFileSync(hostKeyFile, "utf8"),
    keys: () => keys,
    router: {
      routes: [...echoes, ...routes],
      host: aHost({ audit, ...host }),
      log: () => {},
    },
    failedLogins: {
      record: (_door, from) => {
        failed.push(from);
        return hasTooManyFailures();
      },
      isLimited: hasTooManyFailures,
    },
  });
  const port = Number(listener.address.split(":").at(-1));
  const publicKey = readFileSync(`${hostKeyFile}.pub`, "utf8");
  const knownHosts = `KnownHostsCommand=/bin/echo [127.0.0.1]:${port} ${publicKey.split(" ").slice(0, 2).join(" ")}`;
  const sshArgv = (identity: string | null, words: readonly string[]) => [
    ...["ssh", "-F", "none", "-p", String(port), "-o", "BatchMode=yes"],
    ...(identity === null ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
    ...[
      "-o",
      "UserKnownHostsFile=none",
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      knownHosts,
      "127.0.0.1",
      ...words,
    ],
  ];
  return {
    ...{ port, home, hostKeyFile, audit: audit.entries, failed, sshArgv },
    async makeKey(name, words, role) {
      const file = join(home, name);
      await keygen(file, [...words, "-C", name]);
      if (role !== null) keys.push(...readKeys(`${file}.pub`, role === "read"));
      return file;
    },
    removeKey(name) {
      keys.splice(0, keys.length, ...keys.filter(({ comment }) => comment !== name));
    },
    ssh: (identity, words, options) => run(sshArgv(identity, words), { allowFailure: true, ...options }),
    async [Symbol.asyncDispose]() {
      await listener.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function keygen(file: string, words: readonly string[]): Promise<void> {
  await run(["ssh-keygen", "-q", "-N", "", "-f", file, ...words]);
}

function readKeys(file: string, readOnly: boolean): KnownKey[] {
  const parsed = parseKeyFile(readFileSync(file, "utf8"));
  if (!parsed.ok) throw new Error(`Cannot use ${file}: it ${parsed.why}`);
  return parsed.keys.map((key) => ({ ...key, readOnly }));
}
