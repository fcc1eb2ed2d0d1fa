import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { type FailedDeployment, verdictOn } from "./blame.ts";

const good = "a".repeat(40) as Commit;
const bad = "b".repeat(40) as Commit;
const failed = (changes: Partial<FailedDeployment>): FailedDeployment => ({
  from: good,
  to: bad,
  failedAt: "health",
  refused: false,
  byHost: false,
  held: false,
  onFailure: "rollback",
  undoable: false,
  ...changes,
});

test.each<[string, Partial<FailedDeployment>, ReturnType<typeof verdictOn>]>([
  ["a probe that fails", {}, "ROLLED BACK"],
  ["a reload that fails", { failedAt: "unit" }, "ROLLED BACK"],
  ["a check that fails", { failedAt: "check", refused: true }, "REFUSED"],
  ["a check that could not be run", { failedAt: "check" }, null],
  ["a unit that is gone for a moment", { failedAt: "unit", byHost: true }, null],
  ["a full disk", { failedAt: "files" }, null],
  ["the first commit that is refused", { from: null, failedAt: "check", refused: true }, "REFUSED"],
  ["the first commit that is unwell: there is nothing to go back to", { from: null }, null],
  [
    "the first commit that is unwell on a host that had something before it",
    { from: null, undoable: true },
    "UNDONE",
  ],
  ["one that is to stay all the same", { from: null, undoable: true, onFailure: "stay" }, null],
  ["one whose mount fails", { from: null, undoable: true, failedAt: "files" }, null],
  ["what the service has already", { to: good }, null],
  ["what a person rolled back to", { held: true }, null],
  ["a service that is to stay at what fails", { onFailure: "stay" }, null],
])("%s", (_, changes, verdict) => {
  expect(verdictOn(failed(changes))).toBe(verdict);
});
