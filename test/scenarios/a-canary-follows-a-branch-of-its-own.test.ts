import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const canary = aService({
  service: "canary",
  branch: "canary",
  dirs: [{ local: "/etc/canary", link: "app/etc" }],
});

test("a canary follows a branch of its own, and both services share one fetch", async () => {
  await using scene = await aScene({
    branches: ["canary"],
    gitopper: { args: ["-d"] },
    more: [canary],
    prepare: ({ host }) => addService(host, "canary", { readsFile: "/etc/canary/conf" }),
  });
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await untilEvent(host, "canary", "start one");

  const early = await upstream.commit({ "app/etc/conf": "early\n" }, { branch: "canary" });
  await gitopper.pull("app");
  await gitopper.until("canary", (row) => row.hash === early && row.state === "OK");
  expect(await events(host, "canary")).toEqual(["start one", "reload early"]);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  served.requests.length = 0;
  const both = await Promise.all([
    upstream.commit({ "app/etc/conf": "main\n" }),
    upstream.commit({ "app/etc/conf": "earlier\n" }, { branch: "canary" }),
  ]);
  await gitopper.pull("canary");
  await gitopper.until("app", (row) => row.hash === both[0] && row.state === "OK");
  await gitopper.until("canary", (row) => row.hash === both[1] && row.state === "OK");

  expect(await events(host, "app")).toEqual(["start one", "reload main"]);
  expect(await events(host, "canary")).toEqual(["start one", "reload early", "reload earlier"]);
  // One for both branches, which brings the files of both services with the commits.
  const fetches = served.requests.filter((request) => request.startsWith("GET "));
  expect(fetches, `${served.requests.join("\n")}\n${await gitopper.journal()}`).toHaveLength(1);
});
