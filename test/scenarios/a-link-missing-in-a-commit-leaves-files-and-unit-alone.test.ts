import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const files = { "app/etc/conf": "one\n", "app/data/x": "x\n", README: "r\n" };
const dirs = [
  { local: "/etc/app", link: "app/etc" },
  { local: "/srv/data", link: "app/data" },
];

test("a link missing in a commit leaves files and unit alone, and the next commit heals it", async () => {
  await using scene = await aScene({ files, service: { dirs } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");

  const bad = await upstream.commit({ "app/etc/conf": "two\n", "app/data/x": null });
  await gitopper.pull("app");
  const { state, commit, info } = await gitopper.untilReason("app", "link-missing");
  expect({ state, commit }).toEqual({ state: "DIFF", commit: first });
  expect(info).toContain(`link "app/data": it does not exist in commit ${bad.slice(0, 8)}`);
  expect(await host.sh("cat /etc/app/conf /srv/data/x")).toBe("one\nx");
  expect(await events(host, "app")).toEqual(["start one"]);

  const good = await upstream.commit({ "app/data/x": "back\n" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === good);
  expect(await host.sh("cat /etc/app/conf /srv/data/x")).toBe("two\nback");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});

test("a link that becomes a file where a directory was is refused, and says what to do", async () => {
  await using scene = await aScene({ files, service: { dirs } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  await upstream.commit({ "app/data/x": null, "app/data": "a file\n" });
  await gitopper.pull("app");
  const { state, info } = await gitopper.untilReason("app", "link-missing");
  expect(state).toBe("DIFF");
  expect(info).toMatch(/link "app\/data": it is a file .*; set file = true/);
  expect(await host.read("/srv/data/x")).toBe("x\n");
});
