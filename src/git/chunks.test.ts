import { expect, test } from "vitest";
import { chunksOf } from "./chunks.ts";

test("a list is split by the bytes that it takes in an argv, and loses nothing", () => {
  expect(chunksOf([], 10)).toEqual([]);
  expect(chunksOf(["abcd", "efgh", "é", "ijkl"], 10)).toEqual([
    ["abcd", "efgh"],
    ["é", "ijkl"],
  ]);
  expect(chunksOf(["longer than all", "a"], 10)).toEqual([["longer than all"], ["a"]]);
});
