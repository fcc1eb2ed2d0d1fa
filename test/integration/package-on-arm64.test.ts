/** The programs of the arm64 package, on an emulated processor (qemu-aarch64-static(1)). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { repositoryRoot } from "../host/host.ts";
import { builtPackages } from "../host/packages.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

const dir = makeTempDir("arm64");
const config = join(dir, "config.toml");
const program = (name: string) => join(dir, "usr/bin", name);
const { version } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
let daemon: ChildProcess | null = null;

beforeAll(async () => {
  const packages = await builtPackages();
  await run(["dpkg-deb", "--extract", packages.file("_arm64.deb"), dir]);
  emulate(join(dir, "usr/lib/gitopper/node"));
  const services = [aService({ machine: "web1", service: "app" })];
  writeFileSync(config, aConfig("http://127.0.0.1:1/repo.git", services));
}, 600_000);

afterAll(async () => {
  if (daemon !== null && daemon.exitCode === null) {
    const closed = once(daemon, "close");
    daemon.kill("SIGKILL");
    await closed;
  }
  rmSync(dir, { recursive: true });
});

/** The kernel of this machine may not know qemu (binfmt_misc), so a script in the place of node starts it. */
function emulate(node: string): void {
  renameSync(node, `${node}.arm64`);
  const script = `#!/bin/sh\nexec qemu-aarch64-static -L /usr/aarch64-linux-gnu "$0.arm64" "$@"\n`;
  writeFileSync(node, script, { mode: 0o755 });
}

test.each(["gitopper", "gitopperctl", "gitopperhdr"])("%s runs, and has its version", async (name) => {
  const { stdout } = await run([program(name), "--version"]);
  expect(stdout).toBe(`${version}\n`);
});

test("--check prints what a host would do", async () => {
  const { stdout } = await run([program("gitopper"), "--check", "-h", "web1", "-c", config]);
  expect(stdout).toContain("systemctl reload app, when one of them changes\n");
});

test("the client reaches a daemon of the same package", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const flags = ["-o=false", "--socket=", "-a", address, "--state-dir", join(dir, "state"), "-c", config];
  daemon = spawn(program("gitopper"), flags, { stdio: "ignore" });
  const status = await poll(
    () => run([program("gitopperctl"), "version", `@${address}`], { allowFailure: true }),
    ({ status }) => status === 0,
    { everyMs: 200, timeoutMs: 60_000, failure: ({ stdout, stderr }) => `No daemon: ${stdout}${stderr}` },
  );
  expect(status.stdout).toMatch(new RegExp(`gitopper ${version} on .*, gitopperctl ${version}\n`));
});
