import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const files = { "app/etc/conf": "one\n", "app/lone/app.env": "lone\n" };
const dirs = [
  { local: "/etc/app", link: "app/etc" },
  { local: "/etc/default/app", link: "app/lone/app.env", file: true },
];

test("a reboot without network has the files in place before units start", async () => {
  await using scene = await aScene({
    files,
    service: { dirs },
    unit: { extra: "[Unit]\nAfter=gitopper.service\nRequires=gitopper.service" },
    prepare: ({ host }) => host.run(["systemctl", "enable", "--quiet", "app"]),
  });
  const { host, gitopper, served, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");

  await served.down();
  await host.reboot("power-cut");

  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  const { info } = await gitopper.untilReason("app", "upstream-unreachable");
  expect(info).toMatch(/^Cannot fetch "http:.*: .*[Cc]onnect/);
  expect(await events(host, "app")).toEqual(["start one", "start one", "reload one"]);
  expect(await host.read("/etc/default/app")).toBe("lone\n");
  expect(await host.sh("systemctl is-active app gitopper")).toBe("active\nactive");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await served.up();
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
});
