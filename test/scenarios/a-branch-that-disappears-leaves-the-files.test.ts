import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

test("a branch that disappears leaves the files, and is followed again when it is back", async () => {
  await using scene = await aScene({ branches: ["other"] });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");

  await upstream.deleteBranch("main");
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  expect(row.stateinfo).toMatch(/^Branch "main" is not at "http:.*; push it/);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  await upstream.git("update-ref", "refs/heads/main", first);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});
