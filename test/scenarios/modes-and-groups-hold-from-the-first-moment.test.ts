import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const plain = [
  { local: "/etc/app", link: "app/etc" },
  { local: "/etc/app.key", link: "app/key", file: true },
  { local: "/etc/app.d", link: "app/d" },
];
const [etc, key, d] = plain;
const guarded = [etc, { ...key, mode: "0400" }, { ...d, mode: "0640", group: "readers" }].filter(
  (dir) => dir !== undefined,
);
const files = {
  "app/etc/conf": "one\n",
  "app/key": "secret one\n",
  "app/d/pass": "secret one\n",
  "app/d/more/pass": "secret one\n",
};
const looks = "stat -c '%a %U:%G' /etc/app/conf /etc/app.key /etc/app.d /etc/app.d/pass /etc/app.d/more/pass";
const right = [
  "644 appuser:appuser",
  "400 appuser:appuser",
  "750 appuser:readers",
  "640 appuser:readers",
  "640 appuser:readers",
].join("\n");

/** As another user, reads what it can of the secrets, wherever they are, as fast as it can. */
const spy = `while :; do
  cat /etc/app.key /etc/app.d/pass /srv/gitopper/app/app/key /srv/gitopper/app/app/d/pass /srv/gitopper/.app.stage/tree/app/key
done 2>/dev/null >>/tmp/spied`;

test("modes and groups of links hold from the first moment, through pushes, heals and rollbacks", async () => {
  await using scene = await aScene({
    files,
    service: { user: "appuser", drift: "heal", dirs: guarded },
    prepare: async ({ host }) => {
      await host.sh("useradd --system appuser; groupadd readers; install -o nobody /dev/null /tmp/spied");
      await host.run(["systemd-run", "--quiet", "--unit=spy", "--uid=nobody", "sh", "-c", spy]);
    },
  });
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  expect(await host.sh(looks)).toBe(right);

  const second = await upstream.commit({
    "app/etc/conf": "two\n",
    "app/key": "secret two\n",
    "app/d/more/pass": "secret two\n",
  });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === second);
  expect(await host.sh(looks)).toBe(right);
  expect(await host.read("/etc/app.key")).toBe("secret two\n");

  await host.sh("chmod 0644 /etc/app.d/pass; chgrp root /etc/app.d; chmod 0600 /etc/app.key");
  await gitopper.pull("app");
  await expect.poll(() => host.sh(looks), { timeout: 20_000 }).toBe(right);
  expect(await gitopper.ctl("log", "@", "app")).toContain("app/key: mode 0600 instead of 0400");

  await gitopper.ctl("rollback", "@", "app", first);
  await gitopper.until("app", (row) => row.hash === first && row.state === "FREEZE");
  expect(await host.sh(looks)).toBe(right);
  await gitopper.ctl("unfreeze", "--yes", "@", "app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === second);
  expect(await host.read("/tmp/spied")).toBe("");

  await host.sh("systemctl stop spy");
  await gitopper.writeConfig(aConfig(served.url, [aService({ user: "appuser", dirs: plain })]));
  await gitopper.restart();
  const open = ["644", "644", "755", "644", "644"].map((mode) => `${mode} appuser:appuser`).join("\n");
  await expect.poll(() => host.sh(looks), { timeout: 20_000 }).toBe(open);
  await gitopper.untilReason("app", null);
  expect((await events(host, "app")).at(-1)).toBe("reload two");
});
