import { expect, test } from "vitest";
import { aScene, type Scene, type SceneOptions } from "../builders/scene.ts";
import { offerDeb, useLocalApt } from "../host/apt.ts";
import type { TestHost } from "../host/host.ts";
import { events, untilEvent } from "../host/unit.ts";

const tiny = "gitopper-tiny";

/** A service whose package a local repository has; `prepare` comes before gitopper's first start. */
function aPackagedScene(
  service: SceneOptions["service"],
  prepare: (host: TestHost) => Promise<unknown>,
): Promise<Scene> {
  return aScene({
    service: { package: tiny, ...service },
    prepare: async ({ host }) => {
      await useLocalApt(host);
      await prepare(host);
    },
  });
}

const versionOf = ({ host }: Scene): Promise<string> =>
  host.sh(`dpkg-query --show --showformat='\${Version}' ${tiny} 2>/dev/null || true`);

test("a missing package is installed before the unit's verb, with the user that it creates", async () => {
  const postinst = "useradd --system tiny";
  await using scene = await aPackagedScene({ user: "tiny" }, (host) =>
    offerDeb(host, { name: tiny, version: "1.0", postinst }),
  );
  const { host, gitopper, upstream } = scene;

  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  expect(await versionOf(scene)).toBe("1.0");
  expect(await host.sh("stat -c %U /etc/app/conf")).toBe("tiny");
  expect(await events(host, "app")).toEqual(["start one"]);

  await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await gitopper.until("app", (row) => row.state === "OK");
});

test("a package that is installed is left alone, whatever its version", async () => {
  await using scene = await aPackagedScene({}, async (host) => {
    await offerDeb(host, { name: tiny, version: "1.0" });
    await host.sh("dpkg --install /srv/apt/*.deb; rm -f /var/log/apt/history.log");
    await offerDeb(host, { name: tiny, version: "2.0" });
  });
  const { host, gitopper } = scene;

  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  expect(await versionOf(scene)).toBe("1.0");
  expect(await host.exists("/var/log/apt/history.log")).toBe(false);
  expect(await host.sh("find /var/lib/apt/lists -type f")).toBe("");
});

test("a package that no repository has is a problem, until one has it", async () => {
  await using scene = await aPackagedScene({}, async () => {});
  const { host, gitopper } = scene;
  const { state, info } = await gitopper.untilReason("app", "package-failed");
  expect(state).toBe("BROKEN");
  expect(info).toContain(`Cannot install package "${tiny}": E: Unable to locate package ${tiny}`);
  expect(await events(host, "app")).toEqual([]);

  await offerDeb(host, { name: tiny, version: "1.0" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "OK");
  expect(await versionOf(scene)).toBe("1.0");
  expect(await events(host, "app")).toEqual(["start one"]);
});

test.each([
  ["", {}],
  [", though its user is to come with it", { user: "tiny" }],
] as const)("a host without any package manager cannot install one, and says so%s", async (_, service) => {
  await using scene = await aPackagedScene(service, (host) => host.sh("rm /usr/bin/apt-get"));

  const { state, info } = await scene.gitopper.untilReason("app", "package-failed");
  expect(state).toBe("BROKEN");
  expect(info).toBe(
    `Cannot install package "${tiny}": this host has none of apt-get, dnf, pacman, zypper, apk`,
  );
});
