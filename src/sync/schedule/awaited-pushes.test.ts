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

test("nothing is expected any more when upstream shows the commit, or one that has it in its history", async () => {
  const expected = new AwaitedPushes();
  for (const tip of [a, b]) {
    expected.add([move(a)]);
    expect(expected.begin(0)).toEqual(new Set(["main"]));
    expect(await expected.settle(tips(tip), async (newer, older) => newer === b && older === a, 0)).toEqual(
      [],
    );
    expect(expected.nextTryInMs(0)).toBeNull();
    expect(expected.begin(0)).toEqual(new Set());
  }
});

test("an upstream that lags is asked again for a minute, and then it is said that it never came", async () => {
  const expected = new AwaitedPushes();
  expected.add([move(b)]);
  const pollTimes: number[] = [];
  let told: string[] = [];
  // The minute begins with the first look, however late that is.
  for (let nowMs = 90_000, wait: number | null = 0; wait !== null; nowMs += wait ?? 0) {
    pollTimes.push(nowMs - 90_000);
    expect(expected.begin(nowMs)).toEqual(new Set(["main"]));
    told = await expected.settle(tips(a), never, nowMs);
    wait = expected.nextTryInMs(nowMs);
  }
  expect(pollTimes).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 60_000]);
  expect(told).toEqual(['a webhook told of bbbbbbbb on "main", and upstream does not show it']);
  expect(expected.begin(0)).toEqual(new Set());
});

test("what was pushed over is not waited for", async () => {
  const expected = new AwaitedPushes();
  expected.add([move(b, a)]);
  expected.add([move(c, b)]);
  expected.begin(0);
  await expected.settle(tips(c), never, 0);
  expect(expected.nextTryInMs(0)).toBeNull();
});

test("what comes while a look is under way waits for the next one", async () => {
  const expected = new AwaitedPushes();
  expected.add([move(a)]);
  expected.begin(0);
  expected.add([move(b)]);
  await expected.settle(tips(a), never, 0);
  expect(expected.begin(5)).toEqual(new Set(["main"]));
  await expected.settle(tips(b), never, 5);
  expect(expected.begin(9)).toEqual(new Set());
});

test("a branch without a commit is looked at once", async () => {
  const expected = new AwaitedPushes();
  expected.add([move(null)]);
  expect(expected.begin(0)).toEqual(new Set(["main"]));
  expect(expected.nextTryInMs(0)).toBeNull();
  expect(expected.begin(1)).toEqual(new Set());
});

test("where upstream is not asked any more, nothing keeps the loop awake", () => {
  const expected = new AwaitedPushes();
  expected.add([move(a)]);
  expected.begin(0);
  expect(expected.nextTryInMs(70_000)).toBeNull();
});

test("thousands of commits are not all kept", async () => {
  const expected = new AwaitedPushes();
  const hex = (n: number) => n.toString(16).padStart(40, "0") as Commit;
  expected.add(Array.from({ length: 5_000 }, (_, n) => move(hex(n))));
  expected.begin(0);
  let asked = 0;
  await expected.settle(tips(hex(1)), async () => ++asked < 0, 0);
  expect(asked).toBe(64);
});
