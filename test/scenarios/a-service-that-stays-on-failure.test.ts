import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { deploymentsOf, pullAndWait } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a service with on_failure = stay is BROKEN with the new files, and OK when it is well", async () => {
  const health = [{ unit: "neighbour", interval: "50ms", deadline: "100ms" }];
  await using scene = await aScene({
    service: { settle: "50ms", on_failure: "stay", health },
    prepare: async ({ host }) => {
      await host.write("/etc/systemd/system/neighbour.service", "[Service]\nExecStart=/bin/sleep infinity\n");
      await host.run(["systemctl", "daemon-reload"]);
      await host.run(["systemctl", "start", "neighbour"]);
    },
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await host.run(["systemctl", "stop", "neighbour"]);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await pullAndWait(gitopper, "app");

  const row = await gitopper.until("app", ({ state }) => state === "BROKEN");
  expect(row.hash).toBe(second);
  const { text } = await gitopper.get("/metrics");
  expect(text).toContain(`gitopper_service_info{service="app",hash="${second}",state="BROKEN"} 1`);
  expect(row.stateinfo).toBe("unit neighbour is inactive (dead) instead of active");
  await gitopper.untilReason("app", "probe-failed");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  const triggers = (await deploymentsOf(gitopper, "app")).map(({ trigger }) => trigger);
  expect(triggers).not.toContain("revert");

  await host.run(["systemctl", "start", "neighbour"]);
  await pullAndWait(gitopper, "app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});
