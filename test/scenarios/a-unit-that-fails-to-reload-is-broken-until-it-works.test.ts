import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

test("a unit that fails to reload is BROKEN, tried at the next pull, and OK when it is mended", async () => {
  await using scene = await aScene({
    unit: { execReload: "/bin/sh -c 'echo tried; exit 7'" },
    service: { on_failure: "stay" },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  const { state, info } = await gitopper.untilReason("app", "unit-failed");
  expect(state).toBe("BROKEN");
  expect(info).toMatch(/^Cannot reload "app": /);
  expect(await events(host, "app")).toEqual(["start one", "tried"]);
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "BROKEN");
  await expect.poll(() => events(host, "app"), { timeout: 20_000 }).toEqual(["start one", "tried", "tried"]);

  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual(["start one", "tried", "tried", "reload two"]);
});

test("a commit that the unit refuses is left for the one before it, and followed by a good one", async () => {
  const execReload = "/bin/sh -c 'grep -q bad /etc/app/conf && exit 1; echo took $(cat /etc/app/conf)'";
  await using scene = await aScene({ unit: { execReload }, gitopper: { duration: "1s" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = (await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "")).hash;

  const bad = await upstream.commit({ "app/etc/conf": "bad\n" });
  const row = await gitopper.until("app", ({ state }) => state !== "OK");
  expect(row).toMatchObject({ state: "DIFF", hash: first });
  const { info } = await gitopper.untilReason("app", "rolled-back");
  expect(info).toContain(` ${bad.slice(0, 8)}: Cannot reload "app": `);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  await host.run(["systemctl", "is-active", "app"]);

  const good = await upstream.commit({ "app/etc/conf": "good\n" });
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === good);
  expect(await events(host, "app")).toEqual(["start one", "took one", "took good"]);
});
