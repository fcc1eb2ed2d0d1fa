import { expect, test } from "vitest";
import { serviceDetails } from "../../src/api/shapes.ts";
import { aScene } from "../builders/scene.ts";
import { deploymentsOf } from "../builders/verdicts.ts";
import type { Gitopper } from "../host/gitopper.ts";
import { events, untilEvent } from "../host/unit.ts";

const detailsOf = async (gitopper: Gitopper) =>
  serviceDetails.parse((await gitopper.get("/api/v1/services/app")).json);

test("freeze, unfreeze, a newer commit and a rollback end the stability window at once, and the commit is not marked bad", async () => {
  // Longer than the test may take.
  await using scene = await aScene({ service: { settle: "10m" } });
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  const newest = async () => (await deploymentsOf(gitopper, "app"))[0];
  await untilEvent(host, "app", "start one");

  await gitopper.ctl("freeze", "app", "@");
  await expect
    .poll(newest)
    .toMatchObject({ to: first, result: "superseded", reason: "superseded by a freeze", failedAt: null });
  const note = `${first.slice(0, 8)} was frozen before it was known to be well`;
  await gitopper.until("app", ({ state, stateinfo }) => state === "FREEZE" && stateinfo.endsWith(note));

  await gitopper.ctl("unfreeze", "app", "@", "--yes");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");

  const third = await upstream.commit({ "app/etc/conf": "three\n", "other/file": "x\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload three");
  expect(await newest()).toMatchObject({
    to: second,
    result: "superseded",
    reason: `superseded by ${third.slice(0, 8)}`,
  });

  // It does not affect the service, whose stability window continues.
  await upstream.commit({ "other/file": "y\n" });
  await gitopper.ctl("rollback", "app", second.slice(0, 12), "@");
  await expect
    .poll(newest)
    .toMatchObject({ to: third, result: "superseded", reason: "superseded by a rollback" });
  await expect.poll(() => host.read("/etc/app/conf")).toBe("two\n");
  expect((await gitopper.services())[0]).toMatchObject({ state: "ROLLBACK" });
  const { text } = await gitopper.get("/metrics");
  expect(text).toContain('gitopper_deployments_total{service="app",result="failed"} 0');
});

test("a newer commit that cannot be deployed does not end the stability window, and one that its check refuses runs no verb", async () => {
  const check = ["sh", "-c", "! grep -q bad /etc/app/conf"];
  await using scene = await aScene({ service: { settle: "10m", check } });
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");

  const unlinked = await upstream.commit({ "app/etc/conf": null, "other/file": "x\n" });
  await gitopper.pull("app");
  await expect.poll(() => detailsOf(gitopper)).toMatchObject({ tip: unlinked });
  const bad = await upstream.commit({ "app/etc/conf": "bad\n" });
  await gitopper.pull("app");
  await expect
    .poll(() => deploymentsOf(gitopper, "app"))
    .toMatchObject([
      { to: bad, result: "failed", failedAt: "check" },
      { to: first, result: "superseded", reason: `superseded by ${bad.slice(0, 8)}` },
    ]);
  await expect
    .poll(() => detailsOf(gitopper))
    .toMatchObject({ commit: first, deploying: { commit: first, step: "health" } });
  expect(await events(host, "app")).toEqual(["start one"]);
});
