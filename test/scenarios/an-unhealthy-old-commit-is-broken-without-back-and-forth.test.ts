import { expect, test } from "vitest";
import { shortCommit } from "../../src/model/commit.ts";
import { aScene } from "../builders/scene.ts";
import { deploymentsOf, pullAndWait, triesOf } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a service that is unhealthy with its old commit too is BROKEN there, and is only observed from then on", async () => {
  const command = ["sh", "-c", "test ! -e /run/sick || { echo the disk is full; exit 4; }"];
  const service = {
    settle: "50ms",
    health: [{ command, interval: "50ms", timeout: "5s", deadline: "10ms" }],
  };
  await using scene = await aScene({ service });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const { hash: first } = await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await host.write("/run/sick", "");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await pullAndWait(gitopper, "app");

  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.hash).toBe(first);
  expect(row.stateinfo).toMatch(/ended with status 4: the disk is full/);
  expect(row.stateinfo).toContain(`ROLLED BACK from ${shortCommit(second)}: `);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  const there = ["start one", "reload two", "reload one"];
  expect(await events(host, "app")).toEqual(there);
  const [back, bad] = await deploymentsOf(gitopper, "app");
  expect([back, bad]).toMatchObject([
    { to: first, trigger: "revert", failedAt: "health", output: "the disk is full\n" },
    { to: second, failedAt: "health", output: "the disk is full\n" },
  ]);

  await pullAndWait(gitopper, "app");
  await gitopper.restart();
  await pullAndWait(gitopper, "app");
  await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(await events(host, "app")).toEqual(there);
  expect(await triesOf(gitopper, "app", second)).toBe(1);

  await host.sh("rm /run/sick");
  await pullAndWait(gitopper, "app");
  const mended = await gitopper.untilReason("app", "rolled-back");
  expect(mended.state).toBe("DIFF");
  expect(mended.info).toContain(` ${shortCommit(second)}: `);
  await pullAndWait(gitopper, "app", "--again");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual([...there, "reload two"]);
});
