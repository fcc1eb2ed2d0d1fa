import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { originalRoutes } from "../../src/api/original-routes.ts";
import { type Route, route } from "../../src/api/route.ts";
import { routes as table } from "../../src/api/routes.ts";
import { run } from "../host/run.ts";
import { openSshListener, type TestSshListener } from "./an-ssh-listener.ts";

const ed25519 = ["-t", "ed25519"];
const whoami = ["GET", "/whoami"];

async function operator(listener: TestSshListener): Promise<string> {
  return listener.makeKey("ops@desk", ed25519, "operate");
}

test.each([
  [["-t", "ed25519"]],
  [["-t", "ecdsa", "-b", "256"]],
  [["-t", "ecdsa", "-b", "384"]],
  [["-t", "ecdsa", "-b", "521"]],
  [["-t", "rsa", "-b", "2048"]],
  [["-t", "rsa", "-b", "4096"]],
])("a key of ssh-keygen %j comes in, whatever the user name", async (keygen) => {
  await using listener = await openSshListener();
  const key = await listener.makeKey("ops@desk", keygen, "operate");
  const { stdout } = await run(["ssh-keygen", "-l", "-f", `${key}.pub`]);
  const seen = await listener.ssh(key, ["-l", "somebody", ...whoami]);
  expect(seen).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(seen.stdout)).toEqual({
    ...{ role: "operate", who: "key ops@desk", door: "ssh", from: "127.0.0.1", lastEventId: null },
    credential: stdout.split(" ")[1],
  });
});

test("keys of an agent are accepted, also after a wrong one", async () => {
  await using listener = await openSshListener();
  const [wrong, right] = [await listener.makeKey("wrong", ed25519, null), await operator(listener)];
  const script =
    'eval "$(ssh-agent -s)" >/dev/null; trap "kill $SSH_AGENT_PID" EXIT; ssh-add -q "$1" "$2"; shift 2; "$@"';
  const seen = await run(["sh", "-euc", script, "sh", wrong, right, ...listener.sshArgv(null, whoami)]);
  expect(JSON.parse(seen.stdout)).toMatchObject({ who: "key ops@desk" });
  expect(listener.failed).toEqual([]);
});

test("an unknown key, an RSA signature with SHA-1, and a login without key are refused", async () => {
  await using listener = await openSshListener();
  const unknown = await listener.makeKey("unknown", ed25519, null);
  expect(await listener.ssh(unknown, whoami)).toMatchObject({ status: 255, stdout: "" });
  const rsa = await listener.makeKey("rsa", ["-t", "rsa", "-b", "2048"], "operate");
  const sha1 = ["-o", "PubkeyAcceptedAlgorithms=ssh-rsa", ...whoami];
  expect(await listener.ssh(rsa, sha1)).toMatchObject({ status: 255, stdout: "" });
  const none = ["-o", "PubkeyAuthentication=no", ...whoami];
  expect((await listener.ssh(rsa, none)).stderr).toContain("Permission denied (publickey)");
  expect(await listener.ssh(rsa, whoami)).toMatchObject({ status: 0 });
  expect(listener.failed.slice(0, 1)).toEqual(["127.0.0.1"]);
});

test("replies do not reveal whether a public key is accepted", async () => {
  await using listener = await openSshListener();
  const known = await operator(listener);
  const other = await listener.makeKey("other", ed25519, null);
  // OpenSSH offers a public key alone, and has nothing to sign with.
  const offers = async (key: string) => {
    await run(["rm", key]);
    const { stderr } = await listener.ssh(`${key}.pub`, ["-v", ...whoami]);
    return stderr.split("\n").filter((line) => /accepts key|denied/.test(line)).length;
  };
  expect(await offers(known)).toBe(await offers(other));
});

test.each(["read", "operate"] as const)("a key that may %s gets those routes that need it", async (role) => {
  await using listener = await openSshListener({ routes: table });
  const key = await listener.makeKey("me", ed25519, role);
  for (const { method, path, role: needed } of table) {
    const seen = await listener.ssh(key, [method, path.replace(/\{\w+\}/g, "nginx")]);
    const isAllowed = role === "operate" || needed === "read";
    const refusal = seen.status === 0 ? null : JSON.parse(seen.stdout || "{}");
    expect([method, path, refusal?.status === 403], seen.stderr).toEqual([method, path, !isAllowed]);
  }
  const changing = table.filter(({ method }) => method !== "GET");
  expect(listener.audit.map(({ who, door }) => [who, door])).toEqual(changing.map(() => ["key me", "ssh"]));
  expect(listener.audit.every(({ status }) => (status === 403) === (role === "read"))).toBe(true);
});

test("the original's commands do what their routes do", async () => {
  const asked: string[] = [];
  const told = async (service: string, wish?: object) => {
    asked.push([service, JSON.stringify(wish ?? {})].join(" "));
    return service === "nginx"
      ? ({ ok: true, message: "so be it" } as const)
      : ({ ok: false, why: "unknown", message: `There is no service "${service}"` } as const);
  };
  const host = {
    ...{ machines: () => [{ machine: "web1", actual: "alpha" }], services: () => [] },
    ...{ freeze: told, unfreeze: told, rollback: told, pull: told },
  };
  await using listener = await openSshListener({ routes: originalRoutes, host });
  const key = await operator(listener);
  const machines = '{"machines":[{"machine":"web1","actual":"alpha"}]}\n';
  expect(await listener.ssh(key, ["/list/machine"])).toEqual({ status: 0, stdout: machines, stderr: "" });
  expect(await listener.ssh(key, ["/list/service"])).toMatchObject({
    status: 0,
    stdout: '{"services":[]}\n',
  });
  for (const verb of ["freeze", "unfreeze", "pull"])
    expect(await listener.ssh(key, [`/do/${verb}`, "nginx"])).toMatchObject({ status: 0, stderr: "" });
  expect(await listener.ssh(key, ["/do/rollback", "nginx", "1a2b3c4d"])).toMatchObject({ status: 0 });
  expect(await listener.ssh(key, ["/do/pull", "caddy"])).toEqual({
    ...{ status: 4, stdout: "", stderr: 'gitopper: There is no service "caddy"\n' },
  });
  expect(asked).toEqual([
    'nginx {"by":"key ops@desk","reason":"","until":null}',
    'nginx {"by":"key ops@desk"}',
    'nginx {"by":"key ops@desk","reason":"","overrideWindow":false,"again":false}',
    'nginx {"by":"key ops@desk","reason":"","hash":"1a2b3c4d"}',
    'caddy {"by":"key ops@desk","reason":"","overrideWindow":false,"again":false}',
  ]);
});

test("any route takes its body from stdin, and its status becomes the exit status", async () => {
  await using listener = await openSshListener();
  const key = await operator(listener);
  const input = JSON.stringify({ reason: "läuft" });
  const seen = await listener.ssh(key, ["POST", "/echo"], { input });
  expect(JSON.parse(seen.stdout)).toMatchObject({ body: { reason: "läuft" }, caller: { door: "ssh" } });
  expect(listener.audit).toMatchObject([
    { what: "POST /echo", reason: "läuft", status: 200, who: "key ops@desk" },
  ]);
  const resumed = await listener.ssh(key, [...whoami, "Last-Event-ID=42"]);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ lastEventId: "42" });
  const broken = await listener.ssh(key, ["GET", "/broken"]);
  expect(broken).toMatchObject({ status: 5, stderr: "gitopper: Not well\n" });
  expect(JSON.parse(broken.stdout)).toMatchObject({ status: 503, detail: "Not well" });
  expect(await listener.ssh(key, ["GET", "/nope"])).toMatchObject({ status: 4 });
  expect(await listener.ssh(key, ["POST", "/echo"], { input: "{" })).toMatchObject({ status: 4 });
  const large = await listener.ssh(key, ["GET", "/large"]);
  expect(large.stdout).toHaveLength(8_000_003);
});

test("a body that is too large is refused", async () => {
  await using listener = await openSshListener();
  const key = await operator(listener);
  const fits = await listener.ssh(key, ["POST", "/echo"], { input: JSON.stringify("x".repeat(60_000)) });
  expect(fits.status).toBe(0);
  const seen = await listener.ssh(key, ["POST", "/echo"], { input: JSON.stringify("x".repeat(10_000_000)) });
  expect(seen).toMatchObject({ status: 4, stderr: "gitopper: A body may have 65536 bytes\n" });
});

test("a body that does not end is not waited for", { timeout: 30_000 }, async () => {
  await using listener = await openSshListener();
  const [program = "", ...args] = listener.sshArgv(await operator(listener), ["POST", "/echo"]);
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  expect((await once(child, "close"))[0]).toBe(4);
  expect(stderr).toContain("did not end in 10 s; without one, add </dev/null");
});

test("a shell is one line of help; terminals, subsystems and forwardings are refused", async () => {
  await using listener = await openSshListener();
  const key = await operator(listener);
  const help = 'gitopper: This is gitopper: give it a command, such as "/list/service"';
  const [program = "", ...args] = listener.sshArgv(key, []);
  const ssh = (before: readonly string[], after: readonly string[] = []) =>
    run([program, ...before, ...args, ...after], { allowFailure: true });
  const said = (what: string) => ({ stdout: "", stderr: expect.stringContaining(what) });
  expect(await ssh(["-T"])).toMatchObject({ status: 1, ...said(help) });
  expect(await ssh(["-tt"])).toMatchObject({ status: 255, ...said("PTY allocation request failed") });
  expect(await ssh([], ["ls", "-l"])).toMatchObject({ status: 4, ...said(help) });
  expect(await ssh(["-s"], ["sftp"])).toMatchObject({ status: 255, ...said("subsystem request failed") });
  const through = await ssh(["-W", "127.0.0.1:22"]);
  expect(through).toMatchObject({ status: 255, ...said("administratively prohibited") });
  const back = await ssh(["-N", "-R", "0:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes"]);
  expect(back).toMatchObject({ status: 255, ...said("remote port forwarding failed") });
});

/** An endless stream that reports when it has ended. */
function ticking() {
  const ended = Promise.withResolvers<void>();
  const ticks: Route = route({
    method: "GET",
    path: "/ticks",
    role: "read",
    purpose: "",
    reply: null,
    handle: (_host, { signal }) => ({
      ...{ status: 200, contentType: "text/plain" },
      body: (async function* () {
        yield "first\n";
        await once(signal, "abort");
        ended.resolve();
      })(),
    }),
  });
  return { ticks, ended: ended.promise };
}

test("a stream comes as it is made, and ends when the caller hangs up", async () => {
  const { ticks, ended } = ticking();
  await using listener = await openSshListener({ routes: [ticks] });
  const [program = "", ...args] = listener.sshArgv(await operator(listener), ["GET", "/ticks"]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  expect(String((await once(child.stdout, "data"))[0])).toBe("first\n");
  child.kill();
  await ended;
});

test("a reader that is slow does not fill the daemon's memory", async () => {
  let made = 0;
  const flood = route({
    method: "GET",
    path: "/flood",
    role: "read",
    purpose: "",
    reply: null,
    handle: () => ({
      ...{ status: 200, contentType: "text/plain" },
      body: (async function* () {
        for (; made < 2_000; made++) yield "x".repeat(100_000);
      })(),
    }),
  });
  await using listener = await openSshListener({ routes: [flood] });
  const [program = "", ...args] = listener.sshArgv(await operator(listener), ["GET", "/flood"]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "readable");
  let before = -1;
  const isStill = () => {
    const still = made === before;
    before = made;
    return still;
  };
  await expect.poll(isStill, { interval: 300, timeout: 20_000 }).toBe(true);
  expect(made).toBeLessThan(200);
  child.kill();
});

test("many bad logins, and many connections that say nothing, leave a good one served", async () => {
  await using listener = await openSshListener({ hasTooManyFailures: () => true });
  const [good, bad] = [await operator(listener), await listener.makeKey("bad", ed25519, null)];
  const silent = Array.from({ length: 300 }, () => connect(listener.port, "127.0.0.1").on("error", () => {}));
  await Promise.all(
    silent.map((socket) => new Promise((resolve) => socket.once("close", resolve).once("data", resolve))),
  );
  for (const socket of silent) socket.destroy();
  await expect.poll(async () => (await listener.ssh(good, whoami)).status, { timeout: 10_000 }).toBe(0);
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 6 }, () => listener.ssh(bad, whoami)));
  await expect.poll(() => listener.failed.length).toBe(30);
  expect(await listener.ssh(good, whoami)).toMatchObject({ status: 0 });
});

test("connections without login are closed, and malformed ones disturb no other", async () => {
  await using listener = await openSshListener({ loginTimeoutMs: 500 });
  const key = await operator(listener);
  const opening = [Buffer.alloc(0), Buffer.from("SSH-2.0-x\r\n"), Buffer.from("GET / HTTP/1.1\r\n\r\n")];
  const talk = (index: number) =>
    new Promise((resolve) => {
      const socket = connect(listener.port, "127.0.0.1").on("error", () => {});
      socket.once("close", resolve).resume();
      socket.write(
        Buffer.concat([opening[index % 3] ?? Buffer.alloc(0), randomBytes(index < 3 ? 0 : index * 50)]),
      );
    });
  await Promise.all(Array.from({ length: 45 }, (_, index) => talk(index)));
  expect(await listener.ssh(key, whoami)).toMatchObject({ status: 0 });
});

test("a command goes on for longer than a login may take", async () => {
  const { ticks, ended } = ticking();
  await using listener = await openSshListener({ routes: [ticks], loginTimeoutMs: 500 });
  const [program = "", ...args] = listener.sshArgv(await operator(listener), ["GET", "/ticks"]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  // A later connection without a login is closed first.
  await once(connect(listener.port, "127.0.0.1").resume(), "close");
  expect(child.exitCode).toBeNull();
  child.kill();
  await ended;
});

test("ssh-audit finds nothing that fails", async () => {
  await using listener = await openSshListener();
  const seen = await run(["ssh-audit", "-n", "-p", String(listener.port), "127.0.0.1"], {
    allowFailure: true,
  });
  const findings = seen.stdout.split("\n").filter((line) => /\[(fail|warn)\]/.test(line));
  expect(seen.stdout).toContain("curve25519-sha256");
  // Debian 12's is older than the answer to Terrapin (CVE-2023-48795).
  expect(findings).toEqual([expect.stringMatching(/kex-strict-s-v00@openssh.com .*unknown algorithm/)]);
});

test("a key that is taken away lets no further command in, on a connection that is open as well", async () => {
  await using listener = await openSshListener();
  const key = await listener.makeKey("leaver", ed25519, "operate");
  const control = ["-o", `ControlPath=${join(listener.home, "control")}`];
  const mux = (...words: readonly string[]) => {
    const [program = "", ...rest] = listener.sshArgv(key, words);
    return run([program, ...control, ...rest], { allowFailure: true });
  };
  const [program = "", ...rest] = listener.sshArgv(key, []);
  await run([program, "-M", "-f", "-N", ...control, ...rest]);
  expect(await mux(...whoami)).toMatchObject({ status: 0, stdout: expect.stringContaining("leaver") });

  listener.removeKey("leaver");
  expect((await mux(...whoami)).status).toBe(255);
});
