import { expect, test } from "vitest";
import { shortCommit } from "../../src/model/commit.ts";
import { aScene } from "../builders/scene.ts";
import { pullAndWait, wayBack } from "../builders/verdicts.ts";
import { events, untilEvent } from "../host/unit.ts";

/** Reloads fail with a file that has `bad`, and hang with one that has `slow`. */
const execReload = `/bin/sh -c '\
if grep -q bad /etc/app/conf; then echo "bad conf" >&2; exit 7; fi; \
if grep -q slow /etc/app/conf; then exec sleep 1119; fi; \
exec /usr/local/sbin/record-event reload /etc/app/conf'`;

test("a commit whose reload fails is rolled back, and the unit reloads the old files", async () => {
  await using scene = await aScene({ unit: { execReload }, service: { settle: "0s" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const { hash: first } = await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const bad = await upstream.commit({ "app/etc/conf": "bad\n" });
  await pullAndWait(gitopper, "app");

  const { state, commit, info } = await gitopper.untilReason("app", "rolled-back");
  expect({ state, commit }).toEqual({ state: "DIFF", commit: first });
  expect(info).toContain(` ${shortCommit(bad)}: Cannot reload "app": `);
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await events(host, "app")).toEqual(["start one", "bad conf", "reload one"]);
  const way = await wayBack(gitopper, "app", 0);
  expect(way.bad).toMatchObject({ to: bad, failedAt: "unit" });
  expect(way.bad.journal).toMatch(/status=7/);

  const good = await upstream.commit({ "app/etc/conf": "good\n" });
  await pullAndWait(gitopper, "app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === good);
  expect(await events(host, "app")).toEqual(["start one", "bad conf", "reload one", "reload good"]);
});

test("a commit whose reload hangs is rolled back after action_timeout, and nothing hangs on", async () => {
  const service = { settle: "0s", action_timeout: "1s" };
  await using scene = await aScene({ unit: { execReload }, service });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");
  const pid = await host.sh("systemctl show --value --property=MainPID app");
  const slow = await upstream.commit({ "app/etc/conf": "slow\n" });
  await pullAndWait(gitopper, "app");

  const { state, info } = await gitopper.untilReason("app", "rolled-back");
  expect(state).toBe("DIFF");
  expect(info).toContain(` ${shortCommit(slow)}: Cannot reload "app": it has not ended after 1s`);
  expect(await events(host, "app")).toEqual(["start one", "reload one"]);
  expect(await host.sh("systemctl show --value --property=MainPID app")).toBe(pid);
  expect(await host.sh("systemctl list-jobs --no-legend; pgrep -f 'sleep [1]119' || true")).toBe("");
});
