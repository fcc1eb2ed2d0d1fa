import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

test("a push is seen through a single-file mount, and beside it nothing else is", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "app/etc/neighbour": "n\n" },
    service: { dirs: [{ local: "/etc/app/conf", link: "app/etc/conf", file: true }] },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
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

test("a single file in a directory of the service's user takes updates; a link without local is only checked out", async () => {
  const dirs = [
    { local: "/home/web/conf", link: "web/conf", file: true },
    { local: "/home/web/etc", link: "web/etc" },
    { link: "web/more" },
  ];
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "web/conf": "one\n", "web/etc/x": "x\n", "web/more/y": "y\n" },
    more: [aService({ service: "web", user: "web", drift: "heal", dirs })],
    prepare: async ({ host }) => {
      await host.run(["useradd", "--system", "--create-home", "web"]);
      await host.sh(
        "mkdir /home/web/etc; touch /home/web/etc/own /home/web/etc/.hidden; echo own >/home/web/conf",
      );
      await addService(host, "web", { readsFile: "/home/web/conf" });
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "web", "start one");
  expect(await host.read("/srv/gitopper/web/web/more/y")).toBe("y\n");
  await gitopper.until("web", (row) => row.state === "OK" && row.hash !== "");
  const told = await gitopper.ctl("log", "@", "web");
  expect(told).toContain("/home/web/etc hides 2 entries of the host: .hidden, own");
  expect(told).toContain("/home/web/conf hides a file that is there");

  const second = await upstream.commit({ "web/conf": "two\n", "web/more/y": "z\n" });
  await gitopper.pull("web");
  await gitopper.untilReason("web", null, ({ commit }) => commit === second);
  expect(await host.read("/home/web/conf")).toBe("two\n");
  expect(await host.read("/srv/gitopper/web/web/more/y")).toBe("z\n");
  expect(await host.sh("grep -c ' /home/web/conf ' /proc/self/mountinfo")).toBe("1");

  const third = await upstream.commit({ "web/more/y": "only\n" });
  await gitopper.pull("web");
  await gitopper.until("web", (row) => row.hash === third && row.state === "OK");
  expect(await events(host, "web")).toEqual(["start one", "reload two", "reload two"]);

  // The directory that is mounted is deleted and made again: its mount shows one that is gone.
  await host.sh("rm -rf /srv/gitopper/web/web/etc");
  await gitopper.pull("web");
  await expect.poll(() => host.exists("/home/web/etc/x"), { timeout: 20_000 }).toBe(true);
  expect(await host.sh("grep -c ' /home/web/etc ' /proc/self/mountinfo")).toBe("1");
});
