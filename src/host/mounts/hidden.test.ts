import { expect, test } from "vitest";
import { renderHidden } from "./hidden.ts";

test("what a mount hides is counted, and the first few are named", () => {
  expect(renderHidden([])).toBe("");
  expect(renderHidden(["nginx.conf"])).toBe("1 entry of the host: nginx.conf");
  expect(renderHidden(["d", "b", "c", "a"])).toBe("4 entries of the host: a, b, c, …");
  expect(renderHidden(["a\x1b[2J"])).toBe('1 entry of the host: "a\\u001b[2J"');
  expect(renderHidden(Array(1000).fill("x"))).toMatch(/^1000 or more entries/);
});
