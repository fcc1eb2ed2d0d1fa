import { describe, expect, test } from "vitest";
import { parseSpan, parseUntil, renderWhen } from "./time.ts";

const now = new Date("2026-03-05T12:00:00Z");
const display = { width: null, colour: false, now };

test.each([
  [0, "now"],
  [-12, "12 s ago"],
  [-3 * 60 - 59, "3 min ago"],
  [4 * 3_600, "in 4 h"],
  [-48 * 3_600, "2 d ago"],
  [-800 * 86_400, "2 y ago"],
])("%i seconds from now is %s", (seconds, text) => {
  const instant = new Date(now.getTime() + seconds * 1_000).toISOString();
  expect(renderWhen(instant, { ...display, absolute: false })).toBe(text);
});

test("absolute is the instant, without fractions", () => {
  expect(renderWhen("2026-03-05T11:00:00.123Z", { ...display, absolute: true })).toBe(
    "2026-03-05 11:00:00 UTC",
  );
  expect(renderWhen(null, { ...display, absolute: true })).toBe("");
});

test.each([
  ["90d", 90 * 86_400_000],
  ["2w", 14 * 86_400_000],
  ["1h30m", 5_400_000],
  ["0s", null],
  ["-1d", null],
  ["d", null],
  ["1d12h", null],
])("the span %s", (text, ms) => {
  expect(parseSpan(text)).toBe(ms);
});

describe("until", () => {
  const local = (text: string) => new Date(text).toISOString();
  test.each([
    ["2026-03-05T18:00Z", "2026-03-05T18:00:00.000Z"],
    ["2026-03-05 18:00+02:00", "2026-03-05T16:00:00.000Z"],
    ["2026-03-06 18:00", local("2026-03-06T18:00")],
    ["2026-03-06", local("2026-03-06T00:00")],
  ])("%s", (text, instant) => {
    expect(parseUntil(text, now)?.toISOString()).toBe(instant);
  });

  test("a time of day is the next one, at most a day away", () => {
    for (const text of ["00:00", "9:30", "12:00", "23:59"]) {
      const at = parseUntil(text, now);
      const aheadMs = (at?.getTime() ?? 0) - now.getTime();
      expect(aheadMs).toBeGreaterThan(0);
      expect(aheadMs).toBeLessThanOrEqual(25 * 3_600_000);
      expect([at?.getHours(), at?.getMinutes()]).toEqual(text.split(":").map(Number));
    }
  });

  test.each(["soon", "24:00", "2026-13-01", "2026-03-05T18", "1772712000"])("%s is none", (text) => {
    expect(parseUntil(text, now)).toBeNull();
  });
});
