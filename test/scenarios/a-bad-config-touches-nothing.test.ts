import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { freePort } from "../host/port.ts";
import type { RunResult } from "../host/run.ts";

const bad = `[global]
upstream = "http://127.0.0.1:1/repo.git"
mount = "/srv/gitopper"
brunch = "main"

[[services]]
machine = "alpha"
service = "-app"
user = "nobody-here"
dirs = [{ local = "etc/app", link = "../app" }]
`;

/** One line for each fault, with its place, the key, and what is wrong. */
const faults = [
  `${configPath}:4:1: global.brunch: unknown key "brunch"; did you mean "branch"?`,
  `${configPath}:8:1: services[0].service:`,
  `${configPath}:9:1: services[0].user: there is no user "nobody-here"`,
  `${configPath}:10:11: services[0].dirs[0].local:`,
  `${configPath}:10:30: services[0].dirs[0].link: "../app" leaves the repository`,
];

function gitopper(host: TestHost, ...args: readonly string[]): Promise<RunResult> {
  return host.run([gitopperBin, ...args], { allowFailure: true });
}

/** What a start would change first: the state directory, the checkouts, mounts, and open ports. */
function traces(host: TestHost): Promise<string> {
  return host.sh(`
    find /var/lib/gitopper /srv/gitopper /etc/app 2>/dev/null || true
    sort /proc/self/mountinfo`);
}

test("a bad config ends with 1 and all faults at once, and nothing on the host is touched", async () => {
  await using host = await bootHost({ name: "alpha" });
  await host.write(configPath, bad);
  const before = await traces(host);

  for (const args of [[], ["--check"]]) {
    const address = `127.0.0.1:${await freePort()}`;
    const { status, stdout, stderr } = await gitopper(host, "-c", configPath, "-a", address, ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(faults.length);
    for (const [index, fault] of faults.entries()) expect(lines[index]).toContain(`gitopper: ${fault}`);
  }
  expect(await traces(host)).toBe(before);
});

test.each([
  ["is not TOML", "[global\n", `${configPath}:1:8: `],
  ["is not there", null, `Cannot read the config: `],
] as const)("a config that %s is one line", async (_, text, line) => {
  await using host = await bootHost({ name: "alpha" });
  if (text !== null) await host.write(configPath, text);
  const { status, stderr } = await gitopper(host, "-c", configPath);

  expect(status).toBe(1);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).toContain(`gitopper: ${line}`);
});

test("--check prints what this host would do, without doing it", async () => {
  await using host = await bootHost({ name: "alpha" });
  const services = [
    aService({ user: "daemon", package: "nginx", branch: "canary" }),
    aService({ service: "inst@1", dirs: [{ local: "/etc/inst", link: "inst/conf", file: true }] }),
    aService({ service: "elsewhere", machine: "beta" }),
  ];
  await host.write(configPath, aConfig("https://bob:secret@git.example.org/config.git", services));
  const before = await traces(host);

  const { status, stdout, stderr } = await gitopper(host, "-c", configPath, "-h", "web,www", "--check");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(`${configPath}: valid; 2 services for this host, which answers to alpha, web, www
app
  track https://***@git.example.org/config.git, branch canary
  check out to /srv/gitopper/app as daemon
  install package nginx where it is missing
  mount directory app/etc at /etc/app
  systemctl reload app, when one of them changes
  it has to be well afterwards, or it is rolled back
inst@1
  track https://***@git.example.org/config.git, branch main
  check out to /srv/gitopper/inst@1 as root
  mount file inst/conf at /etc/inst
  systemctl enable inst@1
  systemctl reload inst@1, when one of them changes
  it has to be well afterwards, or it is rolled back
warning: inst@1: this host has no such unit; correct "service", or install what brings it
`);
  expect(await traces(host)).toBe(before);
});

test("help and version work without root, and a wrong flag is one line", async () => {
  await using host = await bootHost();
  const help = await gitopper(host, "--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  for (const flag of ["-h, --hosts", "-c, --config", "--state-dir", "--check"])
    expect(help.stdout).toContain(flag);
  expect(await gitopper(host, "--version")).toMatchObject({ status: 0, stderr: "" });
  expect((await gitopper(host, "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const wrong = await gitopper(host, "--nonsense");
  expect(wrong).toMatchObject({ status: 1, stdout: "" });
  expect(wrong.stderr).toMatch(/^gitopper: .*--nonsense.*\n$/);
});
