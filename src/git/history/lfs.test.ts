import { expect, test } from "vitest";
import { isLfsPointer } from "./lfs.ts";

const version = "version https://git-lfs.github.com/spec/v1\n";
const oid = `oid sha256:${"4d7a2146".repeat(8)}\n`;

test.each([`${version}${oid}size 12345\n`, `${version}ext-0-foo sha256:${"ab".repeat(32)}\n${oid}size 0\n`])(
  "%j is a pointer",
  (text) => {
    expect(isLfsPointer(text)).toBe(true);
  },
);

test.each([
  "",
  version,
  `${version}size 12345\n`,
  `${version}${oid}`,
  `${version}${oid}size 12345`,
  `${version}${oid}size 12345\n\nThis is what a pointer looks like.\n`,
  `# A pointer\n${version}${oid}size 12345\n`,
])("%j is none", (text) => {
  expect(isLfsPointer(text)).toBe(false);
});
