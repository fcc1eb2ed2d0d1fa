import { expect, test } from "vitest";
import { store } from "../../../test/builders/a-group.ts";
import { aRepair } from "../../../test/builders/a-repair.ts";
import type { Damage } from "../../git/store/damage.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";

const minuteMs = 60_000;
const inStore = store;
const lock: Damage = { kind: "lock", why: `Unable to create '${store.path}/shallow.lock': File exists` };
const unfit: Damage = { kind: "checkout", why: "index file corrupt" };
const broken: Damage = { kind: "store", why: "could not parse commit" };

const rebuilt = [
  ...["stop maintenance", "rebuild main,canary with ab", "swap"],
  ...["forget app", "mend app", "forget web", "mend web", "forget kept"],
];
const maintained = ["keep app,web", "maintain"];

test("after a poll of a sound store the old store of a rebuild before the start goes", async () => {
  const { poll, done, repair } = aRepair();
  expect(await poll()).toBe("tips");
  expect(done()).toEqual(["poll", "remove the old store"]);
  expect([repair.needed, repair.wantsPoll, repair.pollWithinMs]).toEqual([false, false, Infinity]);
});

test("commits are kept before maintenance, which may remove what nothing keeps", async () => {
  const { repair, poll, done } = aRepair();
  await poll();
  done();
  await repair.maintain({ deployed: true });
  expect(done()).toEqual(maintained);
});

test("without a deployment there is nothing to keep", async () => {
  const { repair, done } = aRepair();
  await repair.maintain({ deployed: false });
  expect(done()).toEqual(["maintain"]);
});

test("a damaged store is not maintained", async () => {
  const { repair, done } = aRepair();
  repair.onDamage(inStore, broken);
  await repair.maintain({ deployed: true });
  expect(done()).toEqual([]);
});

test("a failure to keep commits does not stop maintenance", async () => {
  const { repair, done, lines } = aRepair({ fails: ["keep app,web"] });
  await repair.maintain({ deployed: true });
  expect(done()).toEqual(maintained);
  expect(lines.join()).toContain("cannot keep the deployed commits");
});

test("the damage of another store, or at another path, is none of this one", async () => {
  const { repair } = aRepair();
  repair.onDamage({ ...store, path: "/state/stores/other-2" as AbsPath }, broken);
  repair.onDamage({ store, checkout: "/srv/other" as AbsPath }, unfit);
  repair.onDamage(inStore, { kind: "store", why: "not a git repository: '/srv/git/upstream'" });
  expect(repair.needed).toBe(false);
});

test("a lock is removed before the next poll, if it is older than a minute", async () => {
  const { repair, poll, done } = aRepair();
  repair.onDamage(inStore, lock);
  expect(repair.needed).toBe(true);
  await poll();
  expect(done().slice(0, 3)).toEqual([
    `remove locks older than ${minuteMs}`,
    "poll repaired",
    "remove the old store",
  ]);
  expect(repair.needed).toBe(false);
});

test("locks are removed while no git of ours is at work in the store", async () => {
  const { repair, poll, done } = aRepair();
  const { promise, resolve } = Promise.withResolvers<void>();
  const working = repair.work(() => promise);
  repair.onDamage(inStore, lock);
  const polled = poll();
  await new Promise(setImmediate);
  expect(done()).toEqual([]);
  resolve();
  await Promise.all([working, polled]);
  expect(done()[0]).toBe(`remove locks older than ${minuteMs}`);
});

test("a damaged checkout has all checkouts of the store observed again, which repairs them", async () => {
  const { repair, poll, done } = aRepair({ fails: ["observe app"] });
  repair.onDamage({ store, checkout: "/srv/app" as AbsPath }, unfit);
  await poll();
  expect(done().slice(1, 6)).toEqual([
    "forget app",
    "observe app",
    "forget web",
    "observe web",
    "poll repaired",
  ]);
});

test("a damaged store is rebuilt with the commits of all services, and their checkouts are mended", async () => {
  const { repair, poll, done, restarts, lines } = aRepair();
  repair.onDamage(inStore, broken);
  await poll();
  expect(done()).toEqual([...rebuilt, "poll repaired", "remove the old store"]);
  // Once for each service: they share a reader here.
  expect(restarts.count).toBe(2);
  expect(lines.join()).toContain("is damaged (could not parse commit): rebuilt it");
});

test("a store that is gone is rebuilt with the commits that its services have", async () => {
  const { poll, done } = aRepair({ isComplete: false, isDeployed: true });
  await poll();
  expect(done().slice(0, 3)).toEqual(rebuilt.slice(0, 3));
});

test("a checkout that cannot be mended does not keep the others from it", async () => {
  const { repair, poll, done, lines } = aRepair({ fails: ["mend app"] });
  repair.onDamage(inStore, broken);
  await poll();
  expect(done()).toContain("mend web");
  expect(lines.join()).toContain("app: not mended yet");
});

test("a store that was never fetched is incomplete, not damaged", () => {
  const { repair } = aRepair({ isComplete: false });
  repair.onDamage(inStore, broken);
  expect(repair.needed).toBe(false);
});

test("without an answer of upstream nothing is polled, and the next poll tries the rebuild again", async () => {
  const rebuild = "rebuild main,canary with ab";
  const { repair, poll, done, failing } = aRepair({ fails: [rebuild] });
  repair.onDamage(inStore, broken);
  const code = "store-damaged";
  await expect(poll()).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/when upstream answers: no/),
  });
  expect(done()).toEqual(["stop maintenance", rebuild]);
  failing.clear();
  expect(await poll()).toBe("tips");
  expect(done()).toContain("swap");
});

test("damage that comes back is cured again after ten minutes", async () => {
  const { repair, poll, done, clock } = aRepair();
  repair.onDamage(inStore, broken);
  await poll();
  repair.onDamage(inStore, broken);
  expect(repair.needed).toBe(false);
  done();
  await poll(() => "news");
  expect(done()[0]).toBe("poll");
  clock.advance(10 * minuteMs);
  expect(repair.needed).toBe(true);
  await poll();
  expect(done()).toContain("swap");
});

test("a repair asks for a poll once a minute, and for one within a minute", () => {
  const { repair, clock } = aRepair();
  repair.onDamage(inStore, lock);
  expect([repair.wantsPoll, repair.wantsPoll, repair.pollWithinMs]).toEqual([true, false, minuteMs]);
  clock.advance(minuteMs);
  expect(repair.wantsPoll).toBe(true);
});

test("damage that a poll shows is repaired, and the poll repeated once", async () => {
  const { repair, poll, done } = aRepair();
  let polls = 0;
  const fails = () => {
    polls += 1;
    repair.onDamage(inStore, { ...broken, why: `could not parse commit ${polls}` });
    throw new Problem("git", "fetch failed");
  };
  await expect(poll(fails)).rejects.toThrow("fetch failed");
  expect(done()).toEqual(["poll", ...rebuilt, "poll repaired"]);
});

test("damaged worktree metadata that is not a service's leads to a rebuild", async () => {
  const { repair, poll, done } = aRepair();
  const fails = () => {
    repair.onDamage(inStore, unfit);
    throw new Problem("git", "fetch failed");
  };
  await expect(poll(fails)).rejects.toThrow("fetch failed");
  expect(done()).toContain("observe app");
  expect(await poll()).toBe("tips");
  expect(done()).toContain("swap");
});

test("a failed poll without damage is not repeated, and nothing is maintained", async () => {
  const { poll, done } = aRepair();
  const fails = () => {
    throw new Problem("git", "no answer");
  };
  await expect(poll(fails)).rejects.toThrow("no answer");
  expect(done()).toEqual(["poll"]);
});

test("the old store is removed after the first good poll with the new one", async () => {
  const { repair, poll, done } = aRepair();
  await poll();
  repair.onDamage(inStore, broken);
  done();
  await poll();
  await poll();
  expect(done().filter((what) => what === "remove the old store")).toHaveLength(1);
});

test("maintenance may have a sound store rebuilt", async () => {
  const { repair, done, maintain } = aRepair();
  await repair.maintain({ deployed: true });
  done();
  await maintain();
  expect(done()).toEqual(rebuilt.slice(1));
});

test("nothing is repaired or maintained when the daemon stops", async () => {
  const { repair, poll, done, stop } = aRepair();
  repair.onDamage(inStore, lock);
  stop.abort();
  await poll();
  await repair.maintain({ deployed: true });
  expect(done()).toEqual(["poll"]);
});
