import { expect, test } from "vitest";
import type { Commit } from "../../model/commit.ts";
import { Intervals } from "./intervals.ts";

const tips = new Map([["main", "a".repeat(40) as Commit]]);
const newer = { is: "known", tips: new Map([["main", "b".repeat(40) as Commit]]) } as const;
const [often, seldom] = [
  { name: "often", intervalMs: 60_000 },
  { name: "seldom", intervalMs: null },
];

test("upstream is polled as often as the shortest interval says", () => {
  expect(new Intervals([often, seldom], 300_000).shortestMs).toBe(60_000);
  expect(new Intervals([seldom], 300_000).shortestMs).toBe(300_000);
});

test("each service gets new commits when its own interval has passed", () => {
  const intervals = new Intervals([often, seldom], 300_000);
  const timely = (nowMs: number) =>
    [often, seldom].filter(({ name }) => intervals.remainingMs(name, nowMs) === 0);
  expect(timely(0)).toEqual([often, seldom]);
  for (const service of [often, seldom]) intervals.given(service, tips, 0);
  expect([timely(60_000), timely(290_000), timely(300_000)]).toEqual([[often], [often], [often, seldom]]);
  // A person may have requested a poll before its time.
  expect(timely(1_000)).toEqual([often]);
  expect(intervals.remainingMs("seldom", 100_000)).toBe(197_000);
});

test("until then it knows of nothing newer, and of an upstream that is down as soon as the others", () => {
  const intervals = new Intervals([often, seldom], 300_000);
  expect(intervals.viewOf(seldom, newer)).toEqual(newer);
  intervals.given(seldom, tips, 0);
  expect(intervals.viewOf(seldom, newer)).toEqual({ is: "known", tips });
  expect(intervals.viewOf(seldom, { is: "unasked" })).toEqual({ is: "unasked" });
});
