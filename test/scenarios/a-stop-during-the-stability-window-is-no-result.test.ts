import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { pullAndWait } from "../builders/verdicts.ts";
import { readDeployments } from "../host/deployments.ts";
import { events, untilEvent } from "../host/unit.ts";

const service = {
  settle: "4s",
  health: [{ command: ["sh", "-c", "! grep bad /etc/app/conf"], interval: "100ms" }],
};

test("a good commit whose stability window was cut short by a stop of the daemon is verified again, without a second verb", async () => {
  await using scene = await aScene({ service });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await gitopper.stop();
  const cutOff = readDeployments(host, "app").at(-1);
  expect(cutOff?.to).toBe(second);
  expect(cutOff?.result).not.toBe("done");
  await gitopper.start();
  await pullAndWait(gitopper, "app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  await gitopper.stop();
  expect(readDeployments(host, "app").at(-1)).toMatchObject({ to: second, result: "done" });
});

test("a bad commit is detected by the next daemon, also after a crash", async () => {
  await using scene = await aScene({ service });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const { hash: first } = await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  await upstream.commit({ "app/etc/conf": "bad\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload bad");
  await gitopper.kill9();
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  const { info } = await gitopper.untilReason("app", "rolled-back");
  expect(info).toMatch(/ [0-9a-f]{8}: command sh .* ended with status 1: bad$/);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect((await events(host, "app")).at(-1)).toBe("reload one");
  await pullAndWait(gitopper, "app");
  expect((await events(host, "app")).filter((event) => event === "reload bad")).toHaveLength(2);
});
