import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, connect as dial } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/ctl/connect/connect.ts";
import type { Connection, Limits, Transport } from "../../src/ctl/connect/connection.ts";
import { Tls } from "../../src/server/tls/tls.ts";
import { tokensOf } from "../builders/a-host.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { issue, makeCa, type Pair } from "./a-ca.ts";
import { aRoute, openListener } from "./a-listener.ts";

const scratch = makeTempDir("client");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const limits: Limits = { timeoutMs: 5_000, replyMaxBytes: 20_000 };
const text = (body: string) => ({ status: 200, contentType: "text/plain", body });
let answered = 0;
const routes = [
  aRoute("GET", "/who", "read", (_host, { caller }) => {
    answered++;
    return text(`${caller.who}: ${caller.role}`);
  }),
  aRoute("POST", "/do/{what}", "operate", (_host, { params }) => text(`did ${params.what}`)),
  aRoute("GET", "/long", "read", () => text("x".repeat(30_000))),
  aRoute("GET", "/never", "read", () => new Promise(() => {})),
  aRoute("GET", "/ticks", "read", (_host, { lastEventId, signal }) => ({
    ...text(""),
    body: (async function* () {
      yield `after ${lastEventId}\n`;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    })(),
  })),
];
const host = { tokens: tokensOf({ good: { id: "t1", name: "ci", role: "operate" } }) };
const plain = (port: number, name = "127.0.0.1"): Transport => ({
  via: "http",
  host: name,
  port,
  token: null,
});

/** The first text of a stream, and what is left when it is stopped. */
async function firstOf(connection: Connection, path: string): Promise<readonly [string, number]> {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const part of connection.follow({ method: "GET", path, lastEventId: "42" }, stop.signal)) {
    seen.push(part);
    stop.abort();
  }
  return [seen[0] ?? "", seen.length];
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A TCP server that sends one text on each connection, and then nothing. */
async function serveRaw(reply: string): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => {}).write(reply));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** A port whose queue of connections is full: those that come now are not accepted, as behind a firewall. */
async function serveNobody(): Promise<number> {
  const script = `const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => child.kill("SIGKILL"));
  const [chunk] = await once(child.stdout, "data");
  const port = Number(chunk);
  const waiting = Array.from({ length: 4 }, () => dial(port, "127.0.0.1").on("error", () => {}));
  closing.push(() => waiting.map((socket) => socket.destroy()));
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, "connect")));
  return port;
}

test("over HTTP on loopback it reads, operates and follows", async () => {
  await using listener = await openListener({ routes });
  const connection = connect(plain(listener.port), limits);
  expect(await connection.send({ method: "GET", path: "/who" })).toEqual({
    status: 200,
    body: "anyone: read",
  });
  const did = await connection.send({ method: "POST", path: "/do/getty%40tty1" });
  expect(did).toEqual({ status: 200, body: "did getty@tty1" });
  expect(await connection.send({ method: "GET", path: "/nope" })).toMatchObject({ status: 404 });
  expect(await firstOf(connection, "/ticks")).toEqual(["after 42\n", 1]);
  await expect(firstOf(connection, "/nope")).rejects.toThrow("There is nothing at /nope");
});

test("it does so over IPv6, and by the Unix socket", async () => {
  await using six = await openListener({
    routes,
    endpoint: { kind: "loopback", address: "[::1]:0", flag: "-a" },
  });
  const asked = { method: "GET", path: "/who" } as const;
  expect(await connect(plain(six.port, "::1"), limits).send(asked)).toMatchObject({ status: 200 });
  const path = join(scratch, "gitopper.sock");
  const place = { kind: "socket", path, gid: null, peerUid: () => 0 } as const;
  await using _door = await openListener({ routes, endpoint: place });
  const connection = connect({ via: "socket", path }, limits);
  expect(await connection.send(asked)).toEqual({ status: 200, body: "root: operate" });
  expect(await firstOf(connection, "/ticks")).toEqual(["after 42\n", 1]);
});

test("it says what to check when no daemon listens", async () => {
  const listener = await openListener({ routes });
  await listener.close();
  const asked = { method: "GET", path: "/who" } as const;
  await expect(connect(plain(listener.port), limits).send(asked)).rejects.toThrow(
    `Cannot reach gitopper at 127.0.0.1:${listener.port}: it is not running on this host, or its -a has another port; start it: systemctl start gitopper`,
  );
  const path = join(scratch, "nobody.sock");
  await expect(connect({ via: "socket", path }, limits).send(asked)).rejects.toThrow(
    `Cannot reach gitopper at this host: it is not running (there is no ${path}); start it: systemctl start gitopper`,
  );
});

test("it respects its limits of time and size", async () => {
  await using listener = await openListener({ routes });
  const shortLimits = (port: number) => connect(plain(port), { ...limits, timeoutMs: 300 });
  const never = { method: "GET", path: "/never" } as const;
  await expect(shortLimits(listener.port).send(never)).rejects.toThrow("no answer in 0.3 s");
  await expect(firstOf(shortLimits(listener.port), "/never")).rejects.toThrow("no answer in 0.3 s");
  const slow = await serveRaw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx");
  await expect(shortLimits(slow).send(never)).rejects.toThrow("no answer in 0.3 s");
  const long = connect(plain(listener.port), limits).send({ method: "GET", path: "/long" });
  await expect(long).rejects.toThrow("the reply is larger than 20000 bytes");
});

test("it says whether the connection was accepted when no answer comes", async () => {
  const quick = { ...limits, timeoutMs: 300 };
  const memory = { knownHosts: join(scratch, "none"), say: () => {} };
  const accepted = (port: number) =>
    `Cannot reach gitopper at 127.0.0.1:${port}: it accepted the connection, but gave no answer in 0.3 s; check the port (usually 8000) and, on that host, journalctl -u gitopper; --timeout gives it more time`;
  const silent = await serveRaw("");
  const never = { method: "GET", path: "/never" } as const;
  await expect(connect(plain(silent), quick).send(never)).rejects.toThrow(accepted(silent));
  await expect(connect(secure(silent), quick, memory).send(never)).rejects.toThrow(accepted(silent));
  await expect(firstOf(connect(secure(silent), quick, memory), "/ticks")).rejects.toThrow(accepted(silent));
  const overSsh: Transport = { via: "ssh", host: "127.0.0.1", port: silent, identity: null };
  await expect(connect(overSsh, { ...limits, timeoutMs: 3_000 }).send(never)).rejects.toThrow(
    "it accepted the connection, but does not speak SSH; check the port, usually 2222",
  );

  const full = await serveNobody();
  await expect(connect(plain(full), quick).send(never)).rejects.toThrow(
    `Cannot reach gitopper at 127.0.0.1:${full}: no answer in 0.3 s; check the host, the port, and the firewalls between`,
  );
  await expect(connect(secure(full), quick, memory).send(never)).rejects.toThrow(
    "no answer in 0.3 s; check the host",
  );
});

test("it knows a stranger", async () => {
  const ssh = await serveRaw("SSH-2.0-OpenSSH_9.2\r\n");
  const asked = { method: "GET", path: "/who" } as const;
  await expect(connect(plain(ssh), limits).send(asked)).rejects.toThrow(
    "what answers there is not gitopper; check the port, and go to a port of SSH with --via ssh",
  );
});

let ca: Pair;
let other: Pair;
beforeAll(async () => {
  ca = await makeCa(scratch, "ca");
  await issue(ca, scratch, "server", "/CN=localhost");
  other = await issue(ca, scratch, "other", "/CN=localhost");
});

async function openTlsDoor(pair: Pair, address = "127.0.0.1:0") {
  const tls = new Tls({ ...pair, clientCa: null }, { info: () => {}, warn: () => {} });
  const listener = await openListener({
    routes,
    host,
    endpoint: { kind: "tls", address, flag: "-a", tls, clients: [] },
  });
  return { ...listener, fingerprint: tls.fingerprint };
}

const server = () => ({ cert: join(scratch, "server.pem"), key: join(scratch, "server.key") });
const secure = (port: number): Transport => ({ via: "https", host: "127.0.0.1", port, token: "good" });
const asked = { method: "GET", path: "/who" } as const;

test("a certificate is remembered at its first use, and another one is refused before the token is shown", async () => {
  const knownHosts = join(scratch, "new", "known_hosts");
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const first = await openTlsDoor(server());
  const at = `127.0.0.1:${first.port}`;
  const connection = connect(secure(first.port), limits, { knownHosts, say });
  const many = await Promise.all(Array.from({ length: 5 }, () => connection.send(asked)));
  expect(new Set(many.map(({ body }) => body))).toEqual(new Set(["token ci: operate"]));
  expect(said).toEqual([
    `${at} is new here: its certificate ${first.fingerprint} is now remembered; compare it with the output of gitopperctl fingerprint on that host`,
  ]);
  expect(readFileSync(knownHosts, "utf8")).toBe(`${at} ${first.fingerprint}\n`);
  expect(statSync(knownHosts).mode & 0o777).toBe(0o600);
  expect(await firstOf(connection, "/ticks")).toEqual(["after 42\n", 1]);
  await first.close();

  await using second = await openTlsDoor(other, at);
  const before = answered;
  const refused = connect(secure(first.port), limits, { knownHosts, say }).send(asked);
  await expect(refused).rejects.toThrow(
    `Cannot trust ${at}: it shows the certificate ${second.fingerprint}, and ${first.fingerprint} is known; another machine may be intercepting the connection. If it was changed on purpose, remove line 1 of ${knownHosts}`,
  );
  expect([answered, second.refusedAt]).toEqual([before, []]);
  writeFileSync(knownHosts, "# nothing");
  expect(await connect(secure(first.port), limits, { knownHosts, say }).send(asked)).toMatchObject({
    status: 200,
  });
  expect(readFileSync(knownHosts, "utf8")).toBe(`# nothing\n${at} ${second.fingerprint}\n`);
  expect(said).toHaveLength(2);
});

test("a stale lock of a killed client is removed, and an unwritable file is reported", async () => {
  await using listener = await openTlsDoor(server());
  const knownHosts = join(scratch, "locked");
  writeFileSync(`${knownHosts}.lock`, "");
  utimesSync(`${knownHosts}.lock`, 0, 0);
  const memory = { knownHosts, say: () => {} };
  expect(await connect(secure(listener.port), limits, memory).send(asked)).toMatchObject({ status: 200 });
  expect(existsSync(`${knownHosts}.lock`)).toBe(false);
  const nowhere = { ...memory, knownHosts: "/dev/null/known_hosts" };
  await expect(connect(secure(listener.port), limits, nowhere).send(asked)).rejects.toThrow(
    /Cannot (read|remember)/,
  );
});

test("a certificate of a CA that is trusted needs no memory, if its name is right", async () => {
  await using listener = await openTlsDoor(server());
  const module = join(import.meta.dirname, "../../src/ctl/connect/connect.ts");
  const knownHosts = join(scratch, "trusted");
  const script = `
    import { connect } from ${JSON.stringify(module)};
    const way = { via: "https", host: process.argv[1], port: ${listener.port}, token: "good" };
    const memory = { knownHosts: ${JSON.stringify(knownHosts)}, say: console.log };
    console.log(await connect(way, ${JSON.stringify(limits)}, memory).send({ method: "GET", path: "/who" }));`;
  const argv = [process.execPath, "--input-type=module", "-e", script, "127.0.0.1"];
  const { stdout } = await run(argv, { env: { NODE_EXTRA_CA_CERTS: ca.cert } });
  expect(stdout).toBe("{ status: 200, body: 'token ci: operate' }\n");
  expect(existsSync(knownHosts)).toBe(false);
});

test("a peer without TLS is reported", async () => {
  await using listener = await openListener({ routes });
  const memory = { knownHosts: join(scratch, "none"), say: () => {} };
  await expect(connect(secure(listener.port), limits, memory).send(asked)).rejects.toThrow(
    "what answers there does not speak TLS",
  );
});
