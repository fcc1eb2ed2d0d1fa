import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { mountsAt } from "../host/seen.ts";
import { untilEvent } from "../host/unit.ts";

test("a lost mount comes back with the old files though the newest commit lacks a link", async () => {
  await using scene = await aScene({ gitopper: { duration: "1s" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === first);
  await upstream.commit({ "app/etc/conf": null, "other/conf": "moved\n" });
  const refused = await gitopper.until("app", ({ state }) => state === "DIFF");

  await host.run(["umount", "/etc/app"]);
  await expect.poll(() => mountsAt(host, "/etc/app").length, { timeout: 20_000 }).toBe(1);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row).toMatchObject({ hash: first, stateinfo: refused.stateinfo });
});

test("and though a rewritten history is refused", async () => {
  await using scene = await aScene({
    global: { fast_forward_only: true },
    gitopper: { duration: "1s" },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  await upstream.forcePush({ "app/etc/conf": "three\n" }, { onto: first });
  await gitopper.until("app", ({ state }) => state === "DIFF");

  await host.run(["umount", "/etc/app"]);
  await expect.poll(() => mountsAt(host, "/etc/app").length, { timeout: 20_000 }).toBe(1);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  await gitopper.until("app", ({ state, hash }) => state === "DIFF" && hash === second);
});
