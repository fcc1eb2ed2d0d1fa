import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { deploymentsOf, pullAndWait } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a unit that is stopped or disabled by hand is started and enabled again, up to the limit", async () => {
  await using scene = await aScene({ service: { drift: "heal", heals_per_hour: 2 } });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await host.run(["systemctl", "enable", "--quiet", "app"]);
  await expect.poll(() => unitFile(gitopper), { timeout: 20_000 }).toBe("enabled");
  await pullAndWait(gitopper, "app");

  await host.run(["systemctl", "disable", "--quiet", "--now", "app"]);
  await expect
    .poll(() => events(host, "app"), { timeout: 20_000 })
    .toEqual(["start one", "stop", "start one"]);
  await expect.poll(() => host.sh("systemctl is-enabled app || true"), { timeout: 20_000 }).toBe("enabled");
  await expect
    .poll(async () => (await deploymentsOf(gitopper, "app"))[0], { timeout: 20_000 })
    .toMatchObject({
      ...{ trigger: "heal", result: "done" },
      reason: expect.stringMatching(/the unit is (stopped|disabled)/),
    });
  await gitopper.untilReason("app", null);

  // However many heals the first fight took, the brake holds in the end.
  const braked = async () => (await gitopper.services())[0]?.stateinfo.includes("not healed") === true;
  for (let fights = 0; fights < 4 && !(await braked()); fights += 1) {
    await host.run(["systemctl", "stop", "app"]);
    await expect
      .poll(async () => (await braked()) || (await events(host, "app")).at(-1) !== "stop", {
        timeout: 20_000,
      })
      .toBe(true);
  }
  expect((await gitopper.services())[0]).toMatchObject({
    state: "OK",
    stateinfo: "drift: the unit is stopped (not healed: 2 heals in the last hour)",
  });
});

test("a unit that is stopped again while it is healed, and has yet to settle, is started again", async () => {
  await using scene = await aScene({ service: { drift: "heal", heals_per_hour: 5, settle: "2s" } });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const starts = async () => (await events(host, "app")).filter((event) => event === "start one").length;
  for (let before = 1; before <= 2; before += 1) {
    await host.run(["systemctl", "stop", "app"]);
    await expect.poll(starts, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before);
  }
  await gitopper.untilReason("app", null);
  const heals = (await deploymentsOf(gitopper, "app")).filter(({ trigger }) => trigger === "heal");
  expect(heals).toMatchObject([{ result: "done" }, { result: "done" }]);
});

async function unitFile(gitopper: { get(path: string): Promise<{ json: unknown }> }): Promise<string> {
  const { json } = await gitopper.get("/api/v1/services/app/drift");
  return (json as { unit: { file: string } }).unit.file;
}
