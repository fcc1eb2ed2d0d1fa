import { expect, test } from "vitest";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost } from "../host/host.ts";
import { freePort } from "../host/port.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

interface Entry {
  readonly service: string;
  readonly link: string;
  readonly machine?: string;
  /** More lines. */
  readonly more?: string;
}

const entry = ({ service, link, machine = "alpha", more = "" }: Entry): string => `
[[services]]
machine = "${machine}"
service = "${service}"
action = "reload"
user = "alice"
dirs = [
  { local = "/etc/${service}", link = "${link}" },
]
${more}`;

test("each fault has a line with its place in the config, and the check leaves nothing behind", async () => {
  await using upstream = await makeUpstream({
    files: {
      "app/etc/conf": "one\n",
      "app/symlink": { text: "etc", mode: "120000" },
      "app/sub/module": { text: "1".repeat(40), mode: "160000" },
    },
    branches: ["canary"],
  });
  const { url } = await upstream.serve();
  const left = () => host.sh("ls -d /tmp/gitopper-* 2>/dev/null || true");
  const tip = (await upstream.head()).slice(0, 8);
  await using host = await bootHost({ name: "alpha" });
  await host.run(["useradd", "--create-home", "alice"]);
  for (const name of ["app", "mute"]) await addService(host, name, { readsFile: "/etc/app/conf" });
  await host.sh("sed -i /^ExecReload/d /etc/systemd/system/mute.service; systemctl daemon-reload");
  const global = `[global]\nupstream = "${url}"\nmount = "/srv/gitopper"`;
  const check = async (entries: readonly Entry[], ...argv: readonly string[]) => {
    await host.write(configPath, [global, ...entries.map(entry)].join("\n"));
    const online = [gitopperBin, "--check", "--online", "-c", configPath];
    const { status, stdout, stderr } = await host.run([...argv, ...online], { allowFailure: true });
    const faults = stderr.split("\n").filter(Boolean);
    return {
      status,
      notes: stdout
        .trim()
        .split("\n")
        .filter((line) => /^\S+: /.test(line))
        .slice(1),
      faults,
    };
  };

  const app = { service: "app", link: "app/etc" };
  expect(
    await check([app, { ...app, service: "mute", more: 'branch = "canary"\naction_timeout = "1m"' }]),
  ).toEqual({
    status: 1,
    notes: [`${url}: reached as alice; canary is at ${tip}; main is at ${tip}`],
    faults: [
      expect.stringMatching(
        /^gitopper: .*config.toml:17:1: services\[1\].service: mute.service cannot reload/,
      ),
    ],
  });
  expect((await check([app])).faults).toEqual([]);
  const kill = "strace -qq -o /dev/null -e signal=none -e trace=mkdir -e inject=mkdir:signal=KILL:when=3";
  expect((await check([app], ...kill.split(" "))).status).not.toBe(0);
  expect(await left()).toMatch(/^\/tmp\/gitopper-online-\d+-\w+$/);
  expect((await check([app])).status).toBe(0);
  expect(await left()).toBe("");

  const faulty = await check([
    { ...app, more: 'branch = "canari"' },
    { service: "none", link: "app/etc" },
    { service: "mute", link: "app/symlink", more: "" },
    { service: "app.socket", link: "app/sub" },
  ]);
  expect(faulty.status).toBe(1);
  expect(faulty.faults.map((line) => line.replace(/^.*config.toml:/, ""))).toEqual([
    `13:1: services[0].branch: branch "canari" is not at "${url}"; did you mean "canary"?`,
    '17:1: services[1].service: this host has no unit "none"; correct the name, or install what brings it',
    expect.stringMatching(/^27:1: services\[2\].service: mute.service cannot reload/),
    `31:26: services[2].dirs[0].link: Cannot use link "app/symlink": it is a symlink in commit ${tip}; make it a directory`,
    expect.stringMatching(/^37:1: services\[3\].service: this host has no unit "app.socket"/),
    expect.stringMatching(/^41:32: services\[3\].dirs\[0\].link: "app\/sub\/module" is a submodule/),
  ]);

  const gone = await check([
    app,
    { ...app, service: "mute", more: `upstream = "http://127.0.0.1:${await freePort()}/x.git"` },
  ]);
  expect(gone.faults.join()).toMatch(
    /services\[1\].upstream: Cannot fetch ".*Failed to connect.* \(as alice\)/,
  );

  // Without root it polls as the user that it runs as.
  const reached = (user: string) => `${url}: reached as ${user}; main is at ${tip}`;
  const runAs = (user: string) => ["runuser", "-u", user, "--"];
  expect(await check([app], ...runAs("alice"))).toEqual({ status: 0, notes: [reached("alice")], faults: [] });
  const polled = `${url}: polled as user nobody; to poll as user alice, run this as root`;
  expect(await check([app], ...runAs("nobody"))).toEqual({
    ...{ status: 0, notes: [polled, reached("nobody")], faults: [] },
  });
  await host.sh(`chmod 600 ${configPath}`);
  const { status, stderr } = await host.run(
    [...runAs("nobody"), gitopperBin, "--check", "--online", "-c", configPath],
    { allowFailure: true },
  );
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^gitopper: .*EACCES.*\n$/)]);
  expect(await left()).toBe("");
});
