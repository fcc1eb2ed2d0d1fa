import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "../../src/ctl/connect/connect.ts";
import type { Connection, Limits, Transport } from "../../src/ctl/connect/connection.ts";
import { run } from "../host/run.ts";
import { aRoute } from "./a-listener.ts";
import { openSshListener, type TestSshListener } from "./an-ssh-listener.ts";

const limits: Limits = { timeoutMs: 10_000, replyMaxBytes: 100_000 };
let hungUp = 0;
const routes = [
  aRoute("GET", "/never", "read", () => new Promise(() => {})),
  aRoute("GET", "/ticks", "read", (_host, { lastEventId, signal }) => ({
    ...{ status: 200, contentType: "text/plain" },
    body: (async function* () {
      yield `after ${lastEventId}\n`;
      await once(signal, "abort");
      hungUp++;
    })(),
  })),
];

/**
 * ssh takes its home from the user database, not from HOME: a program of that name, first in the PATH, gives it the
 * test's own config and known hosts, as a user's ~/.ssh would.
 */
let listener: TestSshListener;
let key: string;
const path = process.env.PATH;
beforeEach(async () => {
  listener = await openSshListener({ routes });
  key = await listener.makeKey("ops", ["-t", "ed25519"], "operate");
  const config = join(listener.home, "config");
  writeFileSync(
    config,
    `Host *\n  UserKnownHostsFile ${known()}\n  GlobalKnownHostsFile none\nHost web1\n  HostName 127.0.0.1\n`,
  );
  writeFileSync(join(listener.home, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`, {
    mode: 0o755,
  });
  process.env.PATH = `${listener.home}:${path}`;
});
afterEach(async () => {
  process.env.PATH = path;
  await listener[Symbol.asyncDispose]();
});

const known = () => join(listener.home, "known_hosts");
const wayTo = (host = "127.0.0.1", identity: string | null = key): Transport => ({
  via: "ssh",
  host,
  port: listener.port,
  identity,
});
const whoami = { method: "GET", path: "/whoami" } as const;

/** The first connection of a person, who compares the fingerprint and accepts it. */
async function acceptHostKey(host = "127.0.0.1"): Promise<void> {
  const argv = [
    "ssh",
    "-i",
    key,
    "-p",
    String(listener.port),
    "-o",
    "StrictHostKeyChecking=accept-new",
    host,
    "GET /whoami",
  ];
  await run(argv, { env: { PATH: process.env.PATH ?? "" } });
}

test("it reads, operates, and shows why it may not", async () => {
  await acceptHostKey();
  const connection = connect(wayTo(), limits);
  const seen = await connection.send(whoami);
  expect(JSON.parse(seen.body)).toMatchObject({ who: "key ops", door: "ssh" });
  const said = await connection.send({ method: "POST", path: "/echo", body: { reason: "läuft" } });
  expect(JSON.parse(said.body)).toMatchObject({ body: { reason: "läuft" } });
  expect(await connection.send({ method: "GET", path: "/nope" })).toMatchObject({ status: 404 });
  expect(await connection.send({ method: "GET", path: "/broken" })).toMatchObject({ status: 503 });
});

test("without a key of its own it has the agent's", async () => {
  await acceptHostKey();
  const { stdout } = await run(["ssh-agent", "-s"]);
  const [, socket = ""] = /SSH_AUTH_SOCK=([^;]+)/.exec(stdout) ?? [];
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
  try {
    await run(["ssh-add", "-q", key], { env: { SSH_AUTH_SOCK: socket } });
    process.env.SSH_AUTH_SOCK = socket;
    expect(await connect(wayTo(undefined, null), limits).send(whoami)).toMatchObject({ status: 200 });
  } finally {
    delete process.env.SSH_AUTH_SOCK;
    process.kill(pid);
  }
});

test("ssh_config(5) may name the host", async () => {
  await acceptHostKey("web1");
  expect(await connect(wayTo("web1"), limits).send(whoami)).toMatchObject({ status: 200 });
});

async function follow(connection: Connection, path: string): Promise<string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const part of connection.follow({ method: "GET", path, lastEventId: "42" }, stop.signal)) {
    seen.push(part);
    stop.abort();
  }
  return seen;
}

test("it follows a stream until it is stopped, and says why there is none", async () => {
  await acceptHostKey();
  const connection = connect(wayTo(), limits);
  const before = hungUp;
  expect(await follow(connection, "/ticks")).toEqual(["after 42\n"]);
  await expect.poll(() => hungUp).toBe(before + 1);
  await expect(follow(connection, "/nope")).rejects.toThrow("There is nothing at /nope");
});

test("a host key that is not known is not accepted, and it says how to", async () => {
  const asked = connect(wayTo(), limits).send(whoami);
  await expect(asked).rejects.toThrow(`accept it once: ssh -p ${listener.port} 127.0.0.1 /list/machine`);
  expect(existsSync(known()) ? readFileSync(known(), "utf8") : "").toBe("");
});

test("a host key that has changed is refused", async () => {
  await acceptHostKey();
  const other = join(listener.home, "other");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
  const [type, blob] = readFileSync(`${other}.pub`, "utf8").split(" ");
  writeFileSync(known(), `[127.0.0.1]:${listener.port} ${type} ${blob}\n`);
  const { stdout } = await run(["ssh-keygen", "-l", "-f", `${listener.hostKeyFile}.pub`]);
  await expect(connect(wayTo(), limits).send(whoami)).rejects.toThrow(
    `its host key has changed: it shows ${stdout.split(" ")[1]}, and another one is known`,
  );
  await expect(follow(connect(wayTo(), limits), "/ticks")).rejects.toThrow("its host key has changed");
});

test("a refused key is named", async () => {
  await acceptHostKey();
  const stranger = await listener.makeKey("stranger", ["-t", "ed25519"], null);
  const asked = connect(wayTo(undefined, stranger), limits).send(whoami);
  await expect(asked).rejects.toThrow(`the key ${stranger} may not come in; check that its public key is in`);
});

test("it respects its limits of time and size", async () => {
  await acceptHostKey();
  const hasty = connect(wayTo(), { ...limits, timeoutMs: 700 });
  await expect(hasty.send({ method: "GET", path: "/never" })).rejects.toThrow("no answer in 0.7 s");
  const large = connect(wayTo(), limits).send({ method: "GET", path: "/large" });
  await expect(large).rejects.toThrow("the reply is larger than 100000 bytes");
});

test("an unreachable host, or one without SSH, is reported", async () => {
  const http = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as { port: number };
  const to = (way: Partial<Transport>) => connect({ ...wayTo(), ...way } as Transport, limits).send(whoami);
  await expect(to({ port })).rejects.toThrow(/it hangs up|check the port/);
  http.close();
  await expect(to({ port })).rejects.toThrow("connection refused; check that gitopper runs there");
  await expect(to({ host: "nowhere.invalid" })).rejects.toThrow('no address for "nowhere.invalid"');
  process.env.PATH = "/nonexistent";
  await expect(to({})).rejects.toThrow("there is no program ssh here");
  rmSync(known(), { force: true });
});
