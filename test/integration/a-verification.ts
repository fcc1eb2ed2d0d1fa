/** A verification with real sockets, processes and clock; the test defines the unit. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { userInfo } from "node:os";
import type { HealthPorts } from "../../src/health/ports.ts";
import { verifyHealth } from "../../src/health/verify.ts";
import type { Account } from "../../src/model/account.ts";
import { Problem } from "../../src/model/problem.ts";
import type { Probe, ProbeKind } from "../../src/model/service.ts";
import { untilAborted } from "../../src/platform/abort.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { aRun } from "../builders/a-unit.ts";

const { username, uid, gid, homedir } = userInfo();
export const me: Account = { name: username, uid, gid, home: homedir };

/** A probe with short limits. */
export const aProbe = (kind: ProbeKind, changes: Partial<Omit<Probe, "kind">> = {}): Probe => ({
  ...kind,
  intervalMs: 20,
  timeoutMs: 5_000,
  deadlineMs: 0,
  ...changes,
});
export const http = (url: string, status = 200, body: string | null = null): ProbeKind => ({
  kind: "http",
  url,
  status,
  body,
});

export const running = aRun();

/** Every unit is `running`, and never changes, unless the test overrides it. */
export const ports = (changes: Partial<HealthPorts> = {}): HealthPorts => ({
  clock: systemClock,
  exec,
  observeUnit: async () => running,
  unitChanges: async (_, signal) => void (await untilAborted(signal)),
  unitLog: async () => [],
  onProgress: () => {},
  ...changes,
});

export interface Case {
  readonly probes?: readonly Probe[];
  readonly settleMs?: number;
  readonly unit?: { readonly name: string; readonly mustRun: boolean } | null;
  readonly account?: Account;
  readonly ports?: Partial<HealthPorts>;
  readonly signal?: AbortSignal;
}

const noEnd = new AbortController().signal;

/** Null: healthy. @throws every error that is not a problem of the host */
export async function verdict({
  probes = [],
  settleMs = 0,
  unit = null,
  ...more
}: Case): Promise<Problem | null> {
  const health = { settleMs, probes, onFailure: "rollback" } as const;
  try {
    await verifyHealth(
      { unit, health, account: more.account ?? me },
      ports(more.ports),
      more.signal ?? noEnd,
    );
    return null;
  } catch (error) {
    if (error instanceof Problem && error.part === "host") return error;
    throw error;
  }
}

export interface Listening extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
}

/** A web server on loopback. */
export async function aServer(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer);
  const port = await listen(server);
  const dispose = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, port, server, [Symbol.asyncDispose]: dispose };
}

export async function listen(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
