import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const files = { "app/etc/conf": "one\n", "app/one": "one\n" };
const dirs = [
  { local: "/opt/current/etc", link: "app/etc" },
  { local: "/opt/current/one", link: "app/one", file: true },
];
const points = (of: string) => `grep -c ' ${of}/' /proc/self/mountinfo || true`;

test("a symlink to a mount point, to checkouts or to the state may be turned, and nothing is left behind", async () => {
  await using scene = await aScene({
    files,
    service: { mount: "/srv/current", dirs },
    unit: { readsFile: "/opt/current/etc/conf" },
    gitopper: { args: ["--state-dir", "/var/lib/state"] },
    prepare: ({ host }) =>
      host.sh(`mkdir -p /opt/a /opt/b /srv/a /srv/b /var/lib/state-a /var/lib/state-b
        mount -t tmpfs disk /srv/b
        ln -s a /opt/current; ln -s a /srv/current; ln -s state-a /var/lib/state`),
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");
  expect(await host.sh(points("/opt/a"))).toBe("2");

  // Where it is mounted.
  await host.sh("ln -sfn b /opt/current");
  await gitopper.pull("app");
  await expect.poll(() => host.exists("/opt/b/one"), { timeout: 20_000 }).toBe(true);
  await gitopper.untilReason("app", null);
  expect(await host.sh(points("/opt/a"))).toBe("0");
  expect(await host.read("/opt/b/etc/conf")).toBe("one\n");
  // An administrator may clear the old place now.
  await host.sh("rm -rf /opt/a");

  // Where the checkouts are, to another disk; what was typed in the old one stays there.
  await host.sh("echo typed >>/srv/a/app/app/etc/conf; ln -sfn b /srv/current");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === second);
  expect(await host.read("/opt/b/etc/conf")).toBe("two\n");
  expect(await host.sh(points("/opt/b"))).toBe("2");
  expect(await host.read("/srv/a/app/app/etc/conf")).toBe("one\ntyped\n");

  // Where the state is: all of it stays in one place until the next start.
  await host.sh("ln -sfn state-b /var/lib/state; echo typed >>/opt/b/etc/conf");
  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === third);
  expect(await host.sh("ls /var/lib/state-a/patches/app | wc -l; ls /var/lib/state-b")).toBe("1");
  await host.sh("ln -sfn state-a /var/lib/state");
  await gitopper.restart();
  await gitopper.until("app", (row) => row.hash === third && row.state === "OK");
  expect((await events(host, "app")).at(-1)).toBe("reload three");

  // Changed while the daemon did not run.
  await gitopper.stop();
  await host.sh("mkdir /opt/c; ln -sfn c /opt/current");
  await gitopper.start();
  expect(await host.read("/opt/c/etc/conf")).toBe("three\n");
  expect(await host.sh(points("/opt/b"))).toBe("0");
});
