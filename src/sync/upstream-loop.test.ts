import { expect, test } from "vitest";
import { aHold, aManaged, named } from "../../test/builders/a-group.ts";
import { aLoop, minuteMs, newer, tip } from "../../test/builders/a-loop.ts";
import { Problem } from "../model/problem.ts";

const unreachable = () => new Problem("git", "upstream is unreachable");

test("services without files are polled for at once, and reconciled with the tips", async () => {
  const { start, done, views, records } = aLoop();
  await start();
  expect(done()).toEqual(["app: poll", "web: poll"]);
  expect(views[0]).toMatchObject({
    is: "known",
    tips: new Map([
      ["main", tip],
      ["canary", tip],
    ]),
  });
  expect(records.get("app").commit).toBe(tip);
});

test("the next poll is after the interval, and reconciles only what is due", async () => {
  const { start, later, done, upstream } = aLoop();
  await start();
  done();
  await later(5 * minuteMs - 1);
  expect(upstream.polls).toHaveLength(1);
  upstream.tips.set("canary", newer);
  await later(1);
  expect(upstream.polls).toHaveLength(2);
  expect(done()).toEqual(["web: poll"]);
});

test("the store is maintained when the deployments of a poll have ended, and not after a failed poll", async () => {
  const { start, rest, later, work, repair, upstream } = aLoop();
  const did: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  work.reconcile = async ({ service }) => {
    await promise;
    did.push(service.name);
    return { again: false };
  };
  repair.maintain = async () => void did.push("maintain");
  await start();
  expect(did).toEqual([]);
  resolve();
  await rest();
  expect(did).toEqual(["app", "web", "maintain"]);
  upstream.fault = unreachable();
  await later(5 * minuteMs);
  expect(upstream.polls).toHaveLength(2);
  expect(did.slice(3)).not.toContain("maintain");
});

test("the share of a host delays its polls", async () => {
  const { start, clock } = aLoop({ jitter: 0.5 });
  await start();
  expect(clock.sleeping()).toEqual([5 * minuteMs * 1.25]);
});

test("failures double the wait, up to a quarter of an hour, and the services report them", async () => {
  const { start, later, clock, upstream, views, lines } = aLoop();
  upstream.fault = unreachable();
  await start();
  expect(views[0]).toMatchObject({ is: "unreachable", problem: { message: "upstream is unreachable" } });
  const waits: number[] = [];
  for (let polls = 0; polls < 9; polls += 1) {
    const [waitMs = 0] = clock.sleeping();
    waits.push(waitMs / 1_000);
    await later(waitMs);
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900]);
  upstream.fault = null;
  await later(clock.sleeping()[0] ?? 0);
  expect(clock.sleeping()).toEqual([5 * minuteMs]);
  expect(lines).toEqual([]);
});

test("what a commit does not affect is not reconciled: its record moves", async () => {
  const { start, later, done, work, records, upstream, loop } = aLoop();
  await start();
  done();
  const unaffected = [{ service: "app", commit: newer, origin: "" }];
  work.sortByEffect = async () => ({ waiting: [], unaffected });
  upstream.tips.set("main", newer);
  await later(5 * minuteMs);
  expect(done()).toEqual([]);
  expect(records.moves).toEqual(unaffected);
  expect(loop.pollTimes("app").reconciledAt).toEqual(new Date("2026-03-05T12:05:00Z"));
});

test("a service that is held or aside is not reconciled by a poll", async () => {
  const { start, later, done, records, aside, upstream } = aLoop();
  await start();
  done();
  records.deployed("app", tip, { state: { name: "FREEZE", hold: aHold, drift: "" } });
  aside.add("web");
  upstream.tips.set("main", newer).set("canary", newer);
  await later(5 * minuteMs);
  expect(upstream.polls).toHaveLength(2);
  expect(done()).toEqual([]);
});

test("an upstream whose services are all held is polled only for a repair", async () => {
  const { start, later, records, repair, upstream, clock } = aLoop();
  await start();
  for (const name of ["app", "web"])
    records.deployed(name, tip, { state: { name: "FREEZE", hold: aHold, drift: "" } });
  await later(5 * minuteMs);
  expect(upstream.polls).toHaveLength(1);
  repair.needed = true;
  repair.pollWithinMs = minuteMs;
  await later(5 * minuteMs);
  expect(upstream.polls).toHaveLength(2);
  expect(clock.sleeping()).toEqual([minuteMs]);
});

test("a repair that wants a poll gets it after a reconcile", async () => {
  const { start, repair, upstream } = aLoop();
  const wanted = [true, false];
  Object.defineProperty(repair, "wantsPoll", { get: () => wanted.shift() ?? false });
  await start();
  expect(upstream.polls).toHaveLength(2);
});

test("a reconcile that is to be repeated is repeated without a poll", async () => {
  const { start, done, work, upstream } = aLoop();
  const plain = work.reconcile;
  const again = [true, false, false];
  work.reconcile = async (...args) => ({ ...(await plain(...args)), again: again.shift() ?? false });
  await start();
  expect(done()).toEqual(["app: poll", "web: poll", "app: poll"]);
  expect(upstream.polls).toHaveLength(1);
});

test("before the first poll a reconcile of a service that follows upstream does nothing", async () => {
  const { loop, done, records } = aLoop({ members: [aManaged(named("app")), aManaged(named("web"))] });
  records.deployed("web", tip, { state: { name: "FREEZE", hold: aHold, drift: "" } });
  for (const name of ["app", "web"]) loop.enqueue(name, "heal");
  await loop.idle();
  expect(done()).toEqual(["web: heal"]);
});

test("while the user of the group is missing the loop tries again, as after a failure", async () => {
  const { start, later, done, work, clock, upstream } = aLoop();
  const found = work.resolve;
  work.resolve = async () => null;
  await start();
  expect(upstream.polls).toEqual([]);
  expect(clock.sleeping()).toEqual([5_000]);
  work.resolve = found;
  await later(5_000);
  expect(done()).toEqual(["app: poll", "web: poll"]);
});

test("a bug in a poll is logged, and the loop goes on", async () => {
  const { start, later, done, work, lines } = aLoop();
  const found = work.resolve;
  work.resolve = () => Promise.reject(new TypeError("oops"));
  await start();
  expect(lines.join()).toContain("a bug in gitopper");
  work.resolve = found;
  await later(5 * minuteMs);
  expect(done()).toEqual(["app: poll", "web: poll"]);
});

test("a stop during a poll starts no reconcile", async () => {
  const { loop, start, rest, done, upstream, clock, stop } = aLoop();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.during = () => promise;
  await start();
  clock.advance(7);
  expect(loop.busyMs()).toBe(7);
  stop.abort();
  resolve();
  await rest();
  expect(loop.busyMs()).toBe(0);
  expect(done()).toEqual([]);
});
