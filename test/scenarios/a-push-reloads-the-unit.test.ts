import { expect, test } from "vitest";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

test("a push reloads the unit, and a push elsewhere in the repository does not", async () => {
  await using upstream = await makeUpstream({
    files: { "app/etc/conf": "one\n", "other/file": "x\n", README: "r\n" },
  });
  const { url } = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const gitopper = await startGitopper(host, {
    config: `
[[services]]
machine = "alpha"
service = "app"
upstream = "${url}"
mount = "/srv/gitopper"
settle = "0s"
action = "reload"
dirs = [{ local = "/etc/app", link = "app/etc" }]`,
  });
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);

  const elsewhere = await upstream.commit({ "other/file": "y\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === elsewhere);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});
