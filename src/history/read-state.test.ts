import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { infoOf, reasonOf, type ServiceState } from "../model/state.ts";
import { readState } from "./read-state.ts";

const commit = "a".repeat(40) as Commit;
const changedAt = new Date("2026-11-20T00:00:00Z");
const since = new Date("2026-11-24T10:00:00Z");
const until = new Date("2026-11-25T10:00:00Z");

test.each([
  { name: "OK", drift: "drift: x" },
  { name: "OK", drift: "drift: x", code: "local-edits" },
  { name: "OK", drift: "", waiting: { commit, until, why: "a window" } },
  { name: "OK", drift: "", waiting: { commit, until: null, why: "a window" } },
  {
    name: "FREEZE",
    hold: { kind: "freeze", commit: null, by: "root", reason: "release week", since, until },
    drift: "",
  },
  {
    name: "FREEZE",
    hold: { kind: "release", commit: null, by: "root", reason: "", since, until: null },
    drift: "",
  },
  { name: "ROLLBACK", hold: { kind: "rollback", commit, by: "ci", reason: "", since, until: null } },
  { name: "BROKEN", reason: "no", code: "unit-failed", hold: null },
] satisfies ServiceState[])("what is written is read again, in the same order: %j", (state) => {
  const read = readState(JSON.stringify(state), changedAt);
  expect(read).toEqual(state);
  expect(JSON.stringify(read)).toBe(JSON.stringify(state));
});

test.each([
  [{ name: "FREEZE", hold: { commit: null, info: "" }, drift: "" }, "", null],
  [
    { name: "FREEZE", hold: { commit, info: `ROLLBACK: ${commit}` }, drift: "" },
    `ROLLBACK: ${commit}`,
    commit,
  ],
  [{ name: "ROLLBACK", hold: { commit, info: `ROLLBACK: ${commit}` } }, `ROLLBACK: ${commit}`, commit],
  [
    { name: "DIFF", reason: "no", hold: { commit, info: `ROLLBACK: ${commit}` } },
    `no (held, ROLLBACK: ${commit})`,
    commit,
  ],
])("the hold of an older state file is kept: %j", (written, info, kept) => {
  const state = readState(JSON.stringify(written), changedAt);
  expect(infoOf(state)).toBe(info);
  expect(state).toMatchObject({ hold: { commit: kept, by: "", reason: "", since: changedAt, until: null } });
});

test.each([
  [{ name: "DIFF", reason: "no", hold: null }, "other"],
  [{ name: "BROKEN", reason: "no", code: "from-a-newer-version", hold: null }, "other"],
  [{ name: "DIFF", reason: "no", code: "refused", hold: null }, "refused"],
  [{ name: "OK", drift: "drift: x" }, "other"],
  [{ name: "OK", drift: "" }, null],
])("a state without a code that is known has the reason other: %j", (written, reason) => {
  expect(reasonOf(readState(JSON.stringify(written), changedAt))).toBe(reason);
});

test("instants may be written in ms", () => {
  const hold = {
    kind: "freeze",
    commit: null,
    by: "x",
    reason: "",
    since: since.getTime(),
    until: until.getTime(),
  };
  expect(readState(JSON.stringify({ name: "FREEZE", hold, drift: "" }), changedAt)).toMatchObject({
    hold: { since, until },
  });
});

test.each([
  '{"name":"MELTED"}',
  '{"name":"FREEZE","hold":{"commit":null,"until":"tomorrow"},"drift":""}',
  '{"name":"OK","drift":"","waiting":{"commit":"x"}}',
])("nonsense is refused: %s", (text) => {
  expect(() => readState(text, changedAt)).toThrow("The state file is damaged");
});
