import { expect, test } from "vitest";
import { mostlyBelow } from "./mostly-below.ts";

test.each<[string[], string]>([
  [[], "."],
  [["a", "b"], "."],
  [["app/etc/x", "app/etc/y", "app/z"], "app/etc"],
  [["conf", "app/cache/a/1", "app/cache/b/1", "app/cache/c/1"], "app/cache"],
  [["a/1", "b/1"], "."],
  [["app/one"], "app"],
])("%j lie mostly below %s", (paths, below) => {
  expect(mostlyBelow(paths)).toBe(below);
});
