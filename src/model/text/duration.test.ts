import { expect, test } from "vitest";
import { parseDuration, renderDuration } from "./duration.ts";

test.each([
  ["2h30m", 9_000_000, "2h30m"],
  ["90m", 5_400_000, "1h30m"],
  ["1.5h", 5_400_000, "1h30m"],
  ["24h", 86_400_000, "24h"],
  ["1m0s", 60_000, "1m"],
  ["1500ms", 1_500, "1s500ms"],
  ["0s", 0, "0s"],
])("%s", (text, ms, rendered) => {
  expect(parseDuration(text)).toBe(ms);
  expect(renderDuration(ms)).toBe(rendered);
});

test.each(["", "2", "2 h", "2d", "-2h", "h", "2h x"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeNull();
});
