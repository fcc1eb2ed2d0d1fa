import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

test("a checkout that was moved to another commit by hand is drift until the next pull", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");

  await host.sh(`git -C /srv/gitopper/app -c advice.detachedHead=false checkout --quiet ${first}`);
  await gitopper.pull("app");
  await gitopper.until(
    "app",
    (row) => row.stateinfo === `drift: the checkout was moved to ${first.slice(0, 8)}`,
  );

  // The same files as in the first commit, so that the two differ only in HEAD.
  const third = await upstream.commit({ "app/etc/conf": "one\n" });
  await gitopper.pull("app");
  await gitopper.untilReason("app", null, ({ commit }) => commit === third);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});
