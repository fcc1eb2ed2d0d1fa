import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const web = aService({ service: "web", dirs: [{ local: "/etc/web", link: "app/etc" }] });
const afterGitopper = "[Unit]\nAfter=gitopper.service";

test("a frozen service ignores pushes, over a restart and a reboot, until it is unfrozen", async () => {
  await using scene = await aScene({
    more: [web],
    unit: { extra: afterGitopper },
    prepare: async ({ host }) => {
      await addService(host, "web", { readsFile: "/etc/web/conf", extra: afterGitopper });
      await host.run(["systemctl", "enable", "--quiet", "app", "web"]);
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await untilEvent(host, "web", "start one");
  const first = await upstream.head();
  await gitopper.ctl("state", "freeze", "@", "app");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  const refused = await gitopper.tryCtl("do", "pull", "@", "app");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("app is frozen; unfreeze it to pull");
  await gitopper.pull("web");
  await gitopper.until("web", (row) => row.hash === second && row.state === "OK");

  await gitopper.restart();
  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await gitopper.pull("web");
  await gitopper.until("web", (row) => row.hash === third && row.state === "OK");
  await host.reboot();
  await gitopper.until("web", (row) => row.state === "OK");
  const fourth = await upstream.commit({ "app/etc/conf": "four\n" });
  await gitopper.pull("web");
  await gitopper.until("web", (row) => row.hash === fourth && row.state === "OK");

  await gitopper.untilReason(
    "app",
    "frozen",
    ({ state, commit, held }) => state === "FREEZE" && commit === first && held?.by !== "",
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect((await events(host, "app")).filter((event) => !/^(start|reload) one$|^stop$/.test(event))).toEqual(
    [],
  );

  await gitopper.ctl("state", "unfreeze", "@", "app");
  await gitopper.until("app", (row) => row.hash === fourth && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("four\n");
  expect((await events(host, "app")).at(-1)).toBe("reload four");
});
