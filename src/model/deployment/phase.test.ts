import { expect, test } from "vitest";
import type { Commit } from "../commit.ts";
import { noFiles, type Phase, parsePhase } from "./phase.ts";

const [a, b] = ["a".repeat(40) as Commit, "b".repeat(64) as Commit];
const phases: readonly Phase[] = [
  noFiles,
  { at: "verified", head: a },
  { at: "begun", to: b, result: "running", head: null },
  { at: "staged", to: b, result: "interrupted", head: a },
  { at: "checked", to: b, result: "superseded", head: a },
  { at: "publishing", to: b, result: "failed" },
  { at: "published", to: b, result: "running", head: a },
  { at: "told", to: b, result: "superseded", head: b },
];

test.each(phases)("what was written as $at is read as it was", (phase) => {
  expect(parsePhase(JSON.stringify(phase))).toEqual(phase);
});

test.each([
  ["no JSON", "verified"],
  ["no phase", "{}"],
  ["an unknown phase", '{"at":"done","head":null}'],
  ["a deployment without a commit", '{"at":"told","result":"failed","head":null}'],
  ["a deployment to something else", '{"at":"begun","result":"failed","to":"main","head":null}'],
])("%s makes no sense", (_, text) => expect(() => parsePhase(text)).toThrow());

test("files of an unknown commit are of none, and an unknown result is a failure", () => {
  const read = (phase: object) => parsePhase(JSON.stringify(phase));
  expect(read({ at: "verified", head: "main" })).toEqual(noFiles);
  expect(read({ at: "told", to: a, result: "running" })).toEqual({
    at: "publishing",
    to: a,
    result: "running",
  });
  expect(read({ at: "published", to: a, head: 7, result: "x" })).toEqual({
    at: "publishing",
    to: a,
    result: "failed",
  });
  expect(read({ at: "begun", to: a })).toEqual({ at: "begun", to: a, result: "failed", head: null });
});
