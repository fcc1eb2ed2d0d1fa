import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

const freezePath = "/api/v1/services/app/freeze";
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

test("a freeze with an end shows its author, reason and end, and when it expires the newest commit is deployed", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const long = await gitopper.post(freezePath, { reason: "release week", for: "72h" });
  expect(long).toMatchObject({ status: 200 });
  const row = await gitopper.until("app", ({ state }) => state === "FREEZE");
  expect(row.stateinfo).toMatch(/^by \S.* until \d{4}-\d\d-\d\d \d\d:\d\d UTC: release week$/);
  expect((await gitopper.get("/metrics")).text).toMatch(
    /^gitopper_service_freeze_age_seconds\{service="app"\} \d/m,
  );

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  expect((await gitopper.post("/api/v1/services/app/pull", { overrideWindow: true })).status).toBe(409);
  expect(await gitopper.post(freezePath, { until: soon(2_000) })).toMatchObject({ status: 200 });
  await gitopper.until("app", (changed) => changed.state === "OK" && changed.hash === second);
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await gitopper.journal()).toContain("the freeze has ended (by ");
  expect((await gitopper.get("/metrics")).text).not.toContain('freeze_age_seconds{service="app"}');
});

test("a freeze that expires while the daemon is down ends at its start, and one with a later end does not", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await gitopper.post(freezePath, { for: "72h", reason: "release week" });
  await gitopper.restart();
  const row = await gitopper.until("app", ({ state }) => state === "FREEZE");
  expect(row.stateinfo).toMatch(/: release week$/);

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  const until = soon(1_500);
  await gitopper.post(freezePath, { until });
  await gitopper.stop();
  await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(Date.parse(until));
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  await gitopper.start();
  await gitopper.until("app", (changed) => changed.state === "OK" && changed.hash === second);
});

test("a time that is past or absurd is refused, and changes nothing", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const past = await gitopper.post(freezePath, { until: "2020-01-01T00:00:00Z" });
  expect(past).toMatchObject({ status: 409, text: expect.stringContaining("is past; give a time to come") });
  const absurd = await gitopper.post(freezePath, { until: "2126-01-01T00:00:00Z" });
  expect(absurd).toMatchObject({ status: 409, text: expect.stringContaining("more than 10 years away") });
  await gitopper.until("app", ({ state }) => state === "OK");
});

test("a rollback with a reason shows its author and reason", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  await gitopper.post("/api/v1/services/app/rollback", { commit: first.slice(0, 8), reason: "bad release" });
  const row = await gitopper.until("app", ({ state }) => state === "FREEZE");
  expect(row.stateinfo).toMatch(new RegExp(`^ROLLBACK: ${first} \\(by \\S.*: bad release\\)$`));
});
