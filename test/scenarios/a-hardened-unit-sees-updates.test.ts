import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const hardened =
  "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\nNoNewPrivileges=yes";

test.each([
  ["a directory", [{ local: "/etc/app", link: "app/etc" }]],
  ["a single file", [{ local: "/etc/app/conf", link: "app/etc/conf", file: true }]],
])("a unit with ProtectSystem=strict and PrivateTmp=yes sees updates of %s", async (_, dirs) => {
  await using scene = await aScene({ service: { dirs }, unit: { extra: hardened } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await upstream.commit({ "app/etc/conf": "three\n", "app/etc/more": "m\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload three");

  // What the running process sees, not what a new one would.
  const pid = await host.sh("systemctl show --value --property=MainPID app");
  expect(await host.sh(`nsenter -t ${pid} -m cat /etc/app/conf`)).toBe("three");
  const refused = await host.run(["nsenter", "-t", pid, "-m", "touch", "/etc/x"], { allowFailure: true });
  expect(refused.stderr).toContain("Read-only file system");
  expect(await events(host, "app")).toEqual(["start one", "reload two", "reload three"]);
});
