import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a push is seen through a single-file mount, and beside it nothing else is", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "app/etc/neighbour": "n\n" },
    service: { dirs: [{ local: "/etc/app/conf", link: "app/etc/conf", file: true }] },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  expect(await host.sh("ls /etc/app")).toBe("conf");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await host.sh("grep -c ' /etc/app/conf ' /proc/self/mountinfo")).toBe("1");

  const third = await upstream.commit({ "app/etc/neighbour": "m\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === third && row.state === "OK");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  await host.reboot();
  await gitopper.until("app", (row) => row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
});
