import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { liveCommit } from "./status-of.ts";

const [old, fresh, other] = ["1", "2", "3"].map((digit) => digit.repeat(40)) as [Commit, Commit, Commit];

test.each<[string, Parameters<typeof liveCommit>, Commit | null]>([
  [
    "a service that is well has its commit",
    [
      { commit: old, head: old },
      { to: old, result: "done" },
    ],
    old,
  ],
  [
    "one that failed after its files went over is live",
    [
      { commit: old, head: fresh },
      { to: fresh, result: "failed" },
    ],
    fresh,
  ],
  [
    "so is one that is tried again",
    [
      { commit: old, head: fresh },
      { to: fresh, result: null },
    ],
    fresh,
  ],
  [
    "so is one that was superseded",
    [
      { commit: old, head: fresh },
      { to: fresh, result: "superseded" },
    ],
    fresh,
  ],
  [
    "so is a first one",
    [
      { commit: null, head: fresh },
      { to: fresh, result: "failed" },
    ],
    fresh,
  ],
  [
    "one whose files never went over is not",
    [
      { commit: old, head: old },
      { to: fresh, result: "failed" },
    ],
    old,
  ],
  [
    "half of one is not",
    [
      { commit: old, head: null },
      { to: fresh, result: "failed" },
    ],
    old,
  ],
  [
    "a commit with the same files is",
    [
      { commit: other, head: old },
      { to: old, result: "done" },
    ],
    other,
  ],
  ["nothing was deployed", [{ commit: null, head: null }, null], null],
])("%s", (_, args, live) => {
  expect(liveCommit(...args)).toBe(live);
});
