import { expect, test } from "vitest";
import {
  calmPace,
  driftTicks,
  firstPollInMs,
  nextPollInMs,
  pollForPushInMs,
  reconcileAfterChange,
} from "./schedule.ts";

const minute = 60_000;

test("between polls there is the interval and up to half of it", () => {
  expect(nextPollInMs(5 * minute, 0, 0)).toBe(5 * minute);
  expect(nextPollInMs(5 * minute, 0, 1)).toBe(7.5 * minute);
});

test("an upstream that is down is polled again soon, then less and less, and never more often than its interval", () => {
  const waits = [1, 2, 3, 4, 50].map((failures) => nextPollInMs(5 * minute, failures, 0));
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 15 * minute]);
  expect(nextPollInMs(1_000, 1, 0)).toBe(1_000);
  expect(nextPollInMs(60 * minute, 100, 0)).toBe(60 * minute);
});

test("the first poll after a start comes within seconds, and never later than the second one would", () => {
  expect([0, 0.5, 0.999].map((jitter) => firstPollInMs(5 * minute, jitter))).toEqual([0, 2_500, 4_995]);
  expect(firstPollInMs(1_000, 0.5)).toBe(500);
});

test("a push is polled for after 1 s, 2 s, 4 s and so on, for a minute", () => {
  const waits: number[] = [];
  let ageMs = 0;
  for (let wait = pollForPushInMs(ageMs); wait !== null; wait = pollForPushInMs(ageMs)) {
    waits.push(wait / 1_000);
    ageMs += wait;
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 29]);
  expect(pollForPushInMs(1_500)).toBe(1_500);
});

test("an upstream gets the pause that it asks for, and a shorter one does not make polls more frequent", () => {
  expect(nextPollInMs(minute, 1, 0, 10 * minute)).toBe(10 * minute);
  expect(nextPollInMs(minute, 1, 1, 10 * minute)).toBe(15 * minute);
  expect(nextPollInMs(minute, 4, 0, 1_000)).toBe(40_000);
});

test("an interval of a month does not become no interval", () => {
  expect(nextPollInMs(30 * 24 * 60 * minute, 0, 1)).toBe(2 ** 31 - 1);
});

test("the reconciles of a drift scan are spread over the interval, five at a time, and never closer than a second", () => {
  expect(driftTicks(5 * minute, 4)).toEqual({ everyMs: 5 * minute, services: 4 });
  expect(driftTicks(5 * minute, 50)).toEqual({ everyMs: 30_000, services: 5 });
  expect(driftTicks(5 * minute, 3_000)).toEqual({ everyMs: 1_000, services: 10 });
  expect(driftTicks(1_000, 3)).toEqual({ everyMs: 1_000, services: 3 });
  expect(driftTicks(5 * minute, 0).services).toBe(0);
});

test("files that change now and then are reconciled at once, and those that change all the time every 5 s", () => {
  const waitsOf = (changeEveryMs: number, count: number) => {
    let pace = calmPace;
    let nowMs = 1_000_000;
    return Array.from({ length: count }, () => {
      const next = reconcileAfterChange(pace, nowMs);
      pace = next.pace;
      nowMs += Math.max(next.inMs, changeEveryMs);
      return next.inMs;
    });
  };
  expect(waitsOf(6_000, 30)).toEqual(Array(30).fill(300));
  const storm = waitsOf(0, 30);
  expect(storm.slice(0, 5)).toEqual(Array(5).fill(300));
  for (const inMs of storm.slice(6)) expect(inMs).toBeCloseTo(5_000);
});
