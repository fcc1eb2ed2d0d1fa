import { expect, test } from "vitest";
import type { Commit } from "../../model/commit.ts";
import type { BranchMove } from "../../model/webhook.ts";
import { AwaitedPushes } from "./awaited-pushes.ts";

const commit = (digit: string) => digit.repeat(40) as Commit;
const [a, b, c] = [commit("a"), commit("b"), commit("c")];
const move = (after: Commit | null, before: Commit | null = null): BranchMove => ({
  branch: "main",
  before,
  after,
});
const tips = (tip: Commit) => new Map([["main", tip]]);
const never = async () => false;

test("nothing is awaited any more when upstream shows the commit, or one that has it in its history", async () => {
  const awaited = new AwaitedPushes();
  for (const tip of [a, b]) {
    awaited.add([move(a)]);
    expect(awaited.begin(0)).toEqual(new Set(["main"]));
    expect(await awaited.settle(tips(tip), async (newer, older) => newer === b && older === a, 0)).toEqual(
      [],
    );
    expect(awaited.nextTryInMs(0)).toBeNull();
    expect(awaited.begin(0)).toEqual(new Set());
  }
});

test("an upstream that lags is polled again for a minute, and then the push is reported as missing", async () => {
  const awaited = new AwaitedPushes();
  awaited.add([move(b)]);
  const pollTimes: number[] = [];
  let lines: string[] = [];
  // The minute begins with the first poll, however late that is.
  for (let nowMs = 90_000, wait: number | null = 0; wait !== null; nowMs += wait ?? 0) {
    pollTimes.push(nowMs - 90_000);
    expect(awaited.begin(nowMs)).toEqual(new Set(["main"]));
    lines = await awaited.settle(tips(a), never, nowMs);
    wait = awaited.nextTryInMs(nowMs);
  }
  expect(pollTimes).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 60_000]);
  expect(lines).toEqual(['a webhook told of bbbbbbbb on "main", and upstream does not show it']);
  expect(awaited.begin(0)).toEqual(new Set());
});

test("a commit that was pushed over is not awaited", async () => {
  const awaited = new AwaitedPushes();
  awaited.add([move(b, a)]);
  awaited.add([move(c, b)]);
  awaited.begin(0);
  await awaited.settle(tips(c), never, 0);
  expect(awaited.nextTryInMs(0)).toBeNull();
});

test("a push during a poll waits for the next one", async () => {
  const awaited = new AwaitedPushes();
  awaited.add([move(a)]);
  awaited.begin(0);
  awaited.add([move(b)]);
  await awaited.settle(tips(a), never, 0);
  expect(awaited.begin(5)).toEqual(new Set(["main"]));
  await awaited.settle(tips(b), never, 5);
  expect(awaited.begin(9)).toEqual(new Set());
});

test("a branch without a commit is polled for once", async () => {
  const awaited = new AwaitedPushes();
  awaited.add([move(null)]);
  expect(awaited.begin(0)).toEqual(new Set(["main"]));
  expect(awaited.nextTryInMs(0)).toBeNull();
  expect(awaited.begin(1)).toEqual(new Set());
});

test("when upstream is not polled any more, nothing keeps the loop awake", () => {
  const awaited = new AwaitedPushes();
  awaited.add([move(a)]);
  awaited.begin(0);
  expect(awaited.nextTryInMs(70_000)).toBeNull();
});

test("thousands of commits are not all kept", async () => {
  const awaited = new AwaitedPushes();
  const hex = (n: number) => n.toString(16).padStart(40, "0") as Commit;
  awaited.add(Array.from({ length: 5_000 }, (_, n) => move(hex(n))));
  awaited.begin(0);
  let queries = 0;
  await awaited.settle(tips(hex(1)), async () => ++queries < 0, 0);
  expect(queries).toBe(64);
});
