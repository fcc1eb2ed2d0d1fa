import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import type { RunResult } from "../host/run.ts";
import { events, untilEvent } from "../host/unit.ts";

/** What systemd says of the daemon when it has ended: `exited 0`. */
function untilEnded({ host }: Scene): Promise<string> {
  const show = "systemctl show --value --property=ExecMainStatus --property=ActiveState gitopper";
  return poll(
    () => host.sh(show).then((text) => text.split("\n").join(" ")),
    (text) => /(inactive|failed)/.test(text),
    { everyMs: 20, timeoutMs: 30_000, failure: (text) => `gitopper did not end: ${text}` },
  );
}

test.each([
  ["TERM", "0 inactive"],
  ["INT", "0 inactive"],
  ["HUP", "2 failed"],
] as const)("SIG%s ends it with %s, and nothing is unmounted", async (signal, ending) => {
  await using scene = await aScene({ gitopper: { restart: "no", extra: "RestartForceExitStatus=" } });
  const { host, gitopper } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  await gitopper.signal(signal);
  expect(await untilEnded(scene)).toBe(ending);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  await gitopper.start();
  await gitopper.until("app", (row) => row.state === "OK");
  expect(await events(host, "app")).toEqual(["start one"]);
});

test("SIGHUP makes systemd start it again", async () => {
  await using scene = await aScene({ gitopper: { restart: "on-failure" } });
  const { gitopper } = scene;
  const before = await gitopper.mainPid();

  await gitopper.signal("HUP");
  await poll(
    () => gitopper.mainPid(),
    (pid) => pid !== before && pid > 0,
    { everyMs: 50, timeoutMs: 20_000, failure: () => gitopper.journal() },
  );
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
});

test.each(["TERM", "HUP"] as const)(
  "SIG%s waits for a reload in hand, and the next start needs none",
  async (signal) => {
    const slowly = "/bin/sh -c 'touch /run/reloading; sleep 2; echo reload $(cat /etc/app/conf)'";
    await using scene = await aScene({
      gitopper: { restart: "no", extra: "RestartForceExitStatus=\nKillMode=mixed" },
      unit: { execReload: slowly },
    });
    const { host, gitopper, upstream } = scene;
    await untilEvent(host, "app", "start one");
    await gitopper.until("app", ({ state }) => state === "OK");
    const second = await upstream.commit({ "app/etc/conf": "two\n" });
    await gitopper.pull("app");
    await host.sh("until [ -e /run/reloading ]; do sleep 0.02; done");

    await gitopper.signal(signal);
    expect(await untilEnded(scene)).toBe(signal === "HUP" ? "2 failed" : "0 inactive");
    expect(await events(host, "app")).toEqual(["start one", "reload two"]);
    await gitopper.start();
    await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
    expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  },
);

test("a signal between two steps leaves the rest to the next start", async () => {
  await using scene = await aScene({ gitopper: { restart: "no", extra: "KillMode=mixed" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await host.run(["systemctl", "stop", "gitopper"]);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await host.run(["systemctl", "start", "--no-block", "gitopper"]);
  await poll(
    () => host.read("/etc/app/conf"),
    (text) => text === "two\n",
    {
      everyMs: 1,
      timeoutMs: 20_000,
      failure: () => gitopper.journal(),
    },
  );
  await gitopper.stop();

  await gitopper.start();
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});

test("with -r a changed config that is valid is taken up, and an invalid one is logged; symlinks to it may be turned", async () => {
  await using scene = await aScene({
    gitopper: { args: ["-r"], restart: "no", extra: "RestartForceExitStatus=" },
    prepare: ({ host }) => host.sh("mkdir -p /srv/a /srv/b; ln -s /srv/a /etc/gitopper"),
  });
  const { gitopper, host, served } = scene;
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  const pid = await gitopper.mainPid();
  const files = [{ local: "/etc/web", link: "app/etc" }];
  const others = ["web", "mail"].map((service) =>
    aService({ service, action: "", dirs: [{ ...files[0], local: `/etc/${service}` }] }),
  );

  await gitopper.writeConfig(aConfig(served.url, [aService({ user: "nobody-here" })]));
  await poll(
    () => gitopper.journal(),
    (text) => text.includes("the old one goes on"),
    { everyMs: 50, timeoutMs: 20_000, failure: (text) => text },
  );
  expect(await gitopper.journal()).toMatch(/error: \/etc\/gitopper\/config\.toml:\d+:\d+: .*"nobody-here"/);
  expect((await gitopper.get("/healthz")).status).toBe(200);

  await gitopper.writeConfig(aConfig(served.url, [aService(), ...others.slice(0, 1)]));
  await gitopper.until("web", (row) => row.state === "OK" && row.hash !== "");

  // A turned symlink, with another config and another key behind it.
  const keys = [{ path: "ops.pub" }];
  await host.write("/srv/b/config.toml", aConfig(served.url, [aService(), ...others], { keys }));
  await host.sh(
    "ssh-keygen -q -t ed25519 -N '' -f /srv/b/ops; ln -sfn b /srv/current; ln -sfn /srv/current /etc/gitopper",
  );
  await gitopper.until("mail", (row) => row.state === "OK" && row.hash !== "");
  expect(await gitopper.mainPid()).toBe(pid);
});

test("it does not run without root, nor twice on one state directory: one line, exit 1", async () => {
  await using scene = await aScene();
  const address = `127.0.0.1:${await freePort()}`;
  const start = (user: string[]): Promise<RunResult> =>
    scene.host.run([...user, gitopperBin, "-c", configPath, "-a", address], { allowFailure: true });

  const asNobody = await start([
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    // It may read, wherever the repository is.
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
  ]);
  expect(asNobody).toMatchObject({ status: 1, stdout: "" });
  expect(asNobody.stderr).toMatch(/^gitopper: .*has to run as root.*\n$/);
  // What it cannot write in is named, with what to do.
  await scene.host.sh("mkdir /srv/state; mount -t tmpfs -o ro state /srv/state");
  const onState = (path: string) =>
    scene.host.run([gitopperBin, "-c", configPath, "-a", address, "--socket", "", "--state-dir", path], {
      allowFailure: true,
    });
  for (const path of ["/srv/state", "/srv/state/below"]) {
    const refused = await onState(path);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toBe(
      `gitopper: Cannot write in the state directory ${path}: its file system is read-only; make it writable, or choose another --state-dir\n`,
    );
  }
  await scene.host.sh(`mount -o remount,rw,size=64k /srv/state
    dd if=/dev/zero of=/srv/state/filler bs=4k status=none 2>/dev/null || true`);
  const full = await onState("/srv/state");
  expect(full).toMatchObject({ status: 1, stdout: "" });
  expect(full.stderr).toMatch(/^gitopper: Cannot [^\n]*its disk is full; make room there\n$/);

  const twice = await start([]);
  expect(twice).toMatchObject({ status: 1, stdout: "" });
  expect(twice.stderr).toMatch(/^gitopper: .*\/var\/lib\/gitopper.*another gitopper.*\n$/);
  expect((await scene.gitopper.services()).length).toBe(1);
});
