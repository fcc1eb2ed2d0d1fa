import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import type { TestHost } from "../host/host.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const file = { local: "/etc/app.conf", link: "app/conf", file: true };

/** Builds a package whose only file is a conffile. */
const build = (version: string) => `set -e
  mkdir -p /tmp/p/DEBIAN /tmp/p/etc
  printf 'Package: app-conf\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >/tmp/p/DEBIAN/control
  echo /etc/app.conf >/tmp/p/DEBIAN/conffiles
  echo 'package ${version}' >/tmp/p/etc/app.conf
  dpkg-deb --build --root-owner-group /tmp/p /tmp/app-conf-${version}.deb >/dev/null`;

const stateOf = (host: TestHost) => host.sh("dpkg-query --show --showformat='${Status} ${Version}' app-conf");

test("gitopper steps aside while a package replaces a file that is mounted", async () => {
  await using scene = await aScene({
    files: { "app/conf": "one\n" },
    service: { dirs: [file] },
    unit: { readsFile: "/etc/app.conf" },
    prepare: async ({ host }) => {
      for (const version of ["1", "2", "3"]) await host.sh(build(version));
      await host.sh("dpkg --install /tmp/app-conf-1.deb");
      await addService(host, "app", { readsFile: "/etc/app.conf" });
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  // What happens without it.
  const upgrade = ["dpkg", "--force-confnew", "--install", "/tmp/app-conf-2.deb"];
  expect((await host.run(upgrade, { allowFailure: true })).stderr).toMatch(/busy/i);
  expect(await stateOf(host)).not.toMatch(/^install ok installed 2$/);

  expect(await gitopper.ctl("aside", "@")).toContain("unmounted /etc/app.conf until ");
  expect(await host.read("/etc/app.conf")).toMatch(/^package/);
  // Nobody mounts it meanwhile: not for a commit, and not as drift.
  const second = await upstream.commit({ "app/conf": "two\n" });
  await gitopper.pull("app");
  await host.sh("dpkg --configure --pending && dpkg --install /tmp/app-conf-3.deb");
  expect(await stateOf(host)).toBe("install ok installed 3");
  expect(await host.read("/etc/app.conf")).toBe("package 3\n");
  expect(await gitopper.ctl("resume", "@", "app")).toContain("mounting again: app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await host.read("/etc/app.conf")).toBe("two\n");
  expect((await events(host, "app")).at(-1)).toBe("reload two");

  await gitopper.ctl("aside", "@", "app", "--for", "1s");
  await expect.poll(() => host.read("/etc/app.conf"), { timeout: 20_000 }).toBe("two\n");
  await host.sh("umount /etc/app.conf");
  expect(await host.read("/etc/app.conf")).toBe("package 3\n");
});
