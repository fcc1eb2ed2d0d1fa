import { expect, test } from "vitest";
import { parseTree } from "./raw-modes.ts";

test("a tree's entries have the modes that somebody put there", () => {
  // An id may have any bytes, such as a NUL, a space or what looks like an entry.
  const id = "\0 100644 x\0".padEnd(20, "\xff");
  const bytes = `104755 run\0${id}40000 sub\0${id}100644 caf\xc3\xa9 au lait\0${id}`;
  expect(parseTree(bytes, 20)).toEqual([
    { path: "run", mode: "104755" },
    { path: "sub", mode: "040000" },
    { path: "café au lait", mode: "100644" },
  ]);
  expect(parseTree("", 32)).toEqual([]);
});
