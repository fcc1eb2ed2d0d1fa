import { describe, expect, test } from "vitest";
import { checkedPath, indexPaths } from "./index-file.ts";

const file = 0o100644;
const directory = 0o040000;

/** An index with these names, as gitformat-index(5) has it; `strip` is for version 4. */
function anIndex(
  version: number,
  entries: readonly { name: string; mode?: number; strip?: number }[],
): Buffer {
  const parts = entries.map(({ name, mode = file, strip }) => {
    const stats = Buffer.alloc(40);
    stats.writeUInt32BE(mode, 24);
    const entry = Buffer.concat([stats, Buffer.alloc(20), Buffer.from([0, name.length])]);
    if (strip !== undefined)
      return Buffer.concat([entry, Buffer.from([strip]), Buffer.from(`${name}\0`, "latin1")]);
    const length = entry.length + name.length;
    return Buffer.concat([entry, Buffer.from(name, "latin1"), Buffer.alloc(8 - (length % 8))]);
  });
  const header = Buffer.from("DIRC________", "latin1");
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(entries.length, 8);
  return Buffer.concat([header, ...parts, Buffer.alloc(20)]);
}

describe("an index", () => {
  test("has the paths of its files, of any length, without sparse entries", () => {
    const names = [
      "a",
      "app/etc/conf",
      ..."1234567".split("").map((_, index) => "x".repeat(index + 20)),
      "\xff\xfe",
    ];
    const index = anIndex(2, [...names.map((name) => ({ name })), { name: "\xff\xff/", mode: directory }]);
    expect([...indexPaths(index, 20)]).toEqual(names);
  });
  test("may leave out what a path has in common with the one before", () => {
    const index = anIndex(4, [
      { name: "app/etc/conf", strip: 0 },
      { name: "more", strip: 4 },
      { name: "b", strip: 12 },
    ]);
    expect([...indexPaths(index, 20)]).toEqual(["app/etc/conf", "app/etc/more", "b"]);
  });
  test("is left to git where another file has a part of it, its version is new, or its paths are in no order", () => {
    const split = Buffer.concat([
      anIndex(2, []).subarray(0, 12),
      Buffer.from("link\0\0\0\0"),
      Buffer.alloc(20),
    ]);
    const unsorted = anIndex(2, [{ name: "b" }, { name: "a" }]);
    for (const index of [split, unsorted, anIndex(5, []), Buffer.from("no index at all")])
      expect(() => [...indexPaths(index, 20)]).toThrow(RangeError);
  });
  test("that ends too soon is none", () => {
    expect(() => [...indexPaths(anIndex(2, [{ name: "a" }]).subarray(0, 40), 20)]).toThrow(RangeError);
  });
});

test("a removed path may be any bytes, and leads to no other directory", () => {
  expect(["a", "a/.b", "..c/d..", "caf\xe9"].map(checkedPath)).toEqual(["a", "a/.b", "..c/d..", "caf\udce9"]);
  for (const path of ["", "/a", "a//b", "..", "a/../b", "./a", "a/."])
    expect(() => checkedPath(path)).toThrow(RangeError);
});
