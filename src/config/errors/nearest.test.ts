import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["upsteam", "upstream"],
  ["Branch", "branch"],
  ["fastforwardonly", "fast_forward_only"],
  ["fast-forward-only", "fast_forward_only"],
  ["xyz", null],
  ["b".repeat(100_000), null],
])("the nearest key to %s is %s", (given, expected) => {
  expect(nearest(given, ["upstream", "branch", "fast_forward_only", "user"])).toBe(expected);
});
