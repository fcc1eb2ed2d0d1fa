import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { untrustedPart } from "./trust.ts";

test("the part that others may change is found, for a relative path as well", () => {
  const top = mkdtempSync(join(tmpdir(), "trust-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  const open = join(top, "open");
  mkdirSync(join(open, "inner"), { recursive: true });
  chmodSync(open, 0o777);
  for (const path of [join(open, "inner/file"), relative(".", join(open, "inner/file"))])
    expect(untrustedPart(path)).toBe(open);
  expect(untrustedPart(join(top, "missing/file"))).toBeNull();
  expect(untrustedPart(relative(".", join(top, "file")))).toBeNull();
});
