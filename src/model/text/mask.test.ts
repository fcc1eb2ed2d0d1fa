import { expect, test } from "vitest";
import { maskSecrets } from "./mask.ts";

test("a password with an @ in it goes whole", () => {
  expect(maskSecrets("fatal: 'https://bob:p@ss@example.com/x@y' and ssh://git@host/y")).toBe(
    "fatal: 'https://***@example.com/x@y' and ssh://git@host/y",
  );
  expect(maskSecrets("https://example.com/ of bob@example.com")).toBe(
    "https://example.com/ of bob@example.com",
  );
});
