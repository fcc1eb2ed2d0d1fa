import { expect, test } from "vitest";
import { aLoop, minuteMs, newer, old } from "../../test/builders/a-loop.ts";
import { Throttled } from "../git/fetch/throttled.ts";
import type { Commit } from "../model/commit.ts";

const move = (after: Commit) => ({ branch: "main", before: null, after });

test("a request wakes the loop, and its service comes first with its trigger", async () => {
  const { loop, start, rest, done, requests, upstream } = aLoop();
  await start();
  done();
  upstream.tips.set("main", newer);
  loop.requestPoll("web", "pull", { overrideWindow: true, by: "ops", reason: "now" });
  expect(loop.pollTimes("web").busy).toBe(true);
  await rest();
  expect(done()).toEqual(["web: pull", "app: poll"]);
  expect(requests.at(-2)).toMatchObject({ overrideWindow: true, by: "ops" });
  expect(upstream.polls.at(-1)).toBe(true);
  expect(loop.pollTimes("web").busy).toBe(false);
});

test("a request during a poll brings one more poll", async () => {
  const { loop, start, done, upstream } = aLoop();
  upstream.during = async () => {
    upstream.during = async () => {};
    loop.requestPoll("app", "pull");
  };
  await start();
  expect(upstream.polls).toHaveLength(2);
  expect(done()).toEqual(["app: pull", "web: poll", "app: pull"]);
});

test("a reconcile that starts during a poll has the cause of the poll", async () => {
  const { loop, start, rest, done, upstream } = aLoop();
  await start();
  done();
  upstream.during = async () => {
    loop.enqueue("app", "heal");
    await rest();
  };
  loop.requestPoll("app", "pull");
  await rest();
  await rest();
  expect(done()[0]).toBe("app: pull");
});

test("an upstream that asks for a pause gets it, also from a push", async () => {
  const { loop, start, rest, clock, upstream } = aLoop();
  upstream.fault = new Throttled("too busy", 20 * minuteMs, {});
  await start();
  expect(clock.sleeping()).toEqual([20 * minuteMs]);
  expect(loop.onPush([move(newer)])).toEqual(["app"]);
  await rest();
  expect(upstream.polls).toHaveLength(1);
});

test("a push wakes the loop, and is awaited until upstream shows it", async () => {
  const { loop, start, rest, later, done, clock, upstream } = aLoop();
  await start();
  done();
  expect(loop.onPush([move(newer)])).toEqual(["app"]);
  await rest();
  expect(upstream.polls).toEqual([false, true]);
  expect(done()).toEqual([]);
  expect(clock.sleeping()).toEqual([1_000]);
  upstream.tips.set("main", newer);
  await later(1_000);
  expect(done()).toEqual(["app: webhook"]);
  expect(clock.sleeping()).toEqual([5 * minuteMs]);
});

test("a push to a branch that no service follows wakes nothing", async () => {
  const { loop, start, rest, upstream } = aLoop();
  await start();
  expect(loop.onPush([{ ...move(newer), branch: "other" }])).toEqual([]);
  await rest();
  expect(upstream.polls).toHaveLength(1);
});

test("a newer commit supersedes the reconcile under way, and is reconciled next", async () => {
  const { loop, start, rest, done, work, upstream } = aLoop();
  await start();
  done();
  const reasons: unknown[] = [];
  const plain = work.reconcile;
  const { promise: stuck, resolve } = Promise.withResolvers<void>();
  work.reconcile = async (...args) => {
    const superseded = args[3];
    superseded.addEventListener("abort", () => {
      reasons.push(superseded.reason);
      resolve();
    });
    await stuck;
    return plain(...args);
  };
  upstream.tips.set("main", newer);
  loop.requestPoll("app", "pull");
  await rest();
  work.reconcile = plain;
  upstream.tips.set("main", old);
  loop.requestPoll("app", "pull");
  await rest();
  expect(reasons).toEqual(["superseded by aaaaaaaa"]);
  expect(done()).toEqual(["app: pull", "app: pull"]);
});

test("a newer commit that would not be deployed ends nothing", async () => {
  const { loop, start, rest, done, work, upstream } = aLoop();
  await start();
  done();
  const plain = work.reconcile;
  const { promise: slow, resolve } = Promise.withResolvers<void>();
  let isSuperseded = false;
  work.reconcile = async (...args) => {
    await slow;
    isSuperseded ||= args[3].aborted;
    return plain(...args);
  };
  work.wouldDeploy = () => async () => false;
  for (const commit of [newer, old]) {
    upstream.tips.set("main", commit);
    loop.requestPoll("app", "pull");
    await rest();
  }
  resolve();
  await loop.idle();
  expect(isSuperseded).toBe(false);
  expect(done()).toEqual(["app: pull", "app: pull"]);
});
