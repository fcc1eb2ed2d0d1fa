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

test("secrets: the user part of a URL goes, a plain git@ stays", () => {
  expect(maskSecrets("fatal: https://bob:pw@example.com/x and ssh://git@host/y")).toBe(
    "fatal: https://***@example.com/x and ssh://git@host/y",
  );
  expect(maskSecrets('"https://token@example.com"')).toBe('"https://***@example.com"');
});
