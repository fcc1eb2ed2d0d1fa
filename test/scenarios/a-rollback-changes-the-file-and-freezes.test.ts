import { expect, test } from "vitest";
import { makeLongHistory } from "../builders/long-history.ts";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

test("a rollback changes the file and freezes, until unfreeze catches up", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  const said = await gitopper.ctl("state", "rollback", "@", "app", first.slice(0, 8));
  expect(said).toContain(first.slice(0, 8));
  const held = await gitopper.untilReason("app", "held-at-commit", ({ state }) => state === "FREEZE");
  expect(held).toMatchObject({
    ...{ state: "FREEZE", commit: first, drift: "" },
    held: { commit: first, reason: "", until: null },
  });
  const rows = await gitopper.services();
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.read("/srv/gitopper/app/app/etc/conf")).toBe("one\n");
  expect(await events(host, "app")).toEqual(["start one", "reload two", "reload one"]);

  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await gitopper.restart();
  expect(await gitopper.services()).toEqual(rows);
  expect((await gitopper.tryCtl("do", "pull", "@", "app")).status).toBe(1);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  await gitopper.ctl("state", "unfreeze", "@", "app");
  await gitopper.until("app", ({ hash, state }) => hash === third && state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("three\n");
  expect(await events(host, "app")).toEqual(["start one", "reload two", "reload one", "reload three"]);
});

test("a rollback to an id that names no commit, or several, is refused in one line", async () => {
  // Of so many commits two begin with the same four digits, but for one time in ten million.
  await using scene = await aScene({
    prepare: ({ upstream }) => makeLongHistory(upstream, "other/file", 1_500),
  });
  const { gitopper, upstream, host } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await upstream.commit({ "app/etc/conf": "unrelated\n" }, { branch: "stray" });
  const commits = (await upstream.git("rev-list", "main")).stdout.trim().split("\n");
  const prefixes = Map.groupBy(commits, (id) => id.slice(0, 4));
  const [ambiguous = ""] = [...prefixes].find(([, ids]) => ids.length > 1) ?? [];
  const unknown = ["0000", "1111", "2222"].map((start) => start.padEnd(40, "0"))[0] ?? "";

  const refusals: [string, RegExp][] = [
    [ambiguous, /commits start so/],
    [unknown, /no such commit/],
    [await upstream.head("stray"), /no such commit/],
    [commits[0]?.slice(0, 3) ?? "", /give 4 digits or more/],
    ["main", /hex digits/],
    ["HEAD~1", /hex digits/],
    ["--help-me", /./],
  ];
  for (const [id, why] of refusals) {
    const { status, stderr } = await gitopper.tryCtl("state", "rollback", "@", "app", "--", id);
    expect({ id, status, lines: stderr.split("\n").length }).toEqual({ id, status: 1, lines: 2 });
    expect(stderr).toMatch(why);
  }
  expect(await gitopper.services()).toMatchObject([{ state: "OK", hash: commits[0] }]);
});

test("a rollback to files that were here before needs no upstream, even while a fetch hangs", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  served.hang();
  served.requests.length = 0;
  await gitopper.pull("app");
  await expect.poll(() => served.requests.length, { timeout: 10_000 }).toBeGreaterThan(0);
  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === first);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  await gitopper.stop();
  expect(await host.sh("systemctl show --value --property=Result gitopper")).toBe("success");
});

test("a rollback that the unit refuses is BROKEN, still held, and FREEZE when the unit is mended", async () => {
  await using scene = await aScene({ gitopper: { duration: "1s" } });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");

  await addService(host, "app", { readsFile: "/etc/app/conf", execReload: "/bin/false" });
  await gitopper.ctl("state", "rollback", "@", "app", first);
  const broken = await gitopper.untilReason("app", "unit-failed");
  expect(broken).toMatchObject({ state: "BROKEN", held: { commit: first } });
  expect(broken.info).toMatch(/^Cannot reload "app": .*ROLLBACK: [0-9a-f]{40}/);
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === first);
  expect(await events(host, "app")).toEqual(["start one", "reload two", "reload one"]);
});
