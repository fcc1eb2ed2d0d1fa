import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import type { ServiceState } from "../model/state.ts";
import { targetOf } from "./target.ts";

const applied = "a".repeat(40) as Commit;
const tip = "b".repeat(40) as Commit;
const where = { upstream: "https://bob:secret@example.com/x", branch: "main" };
const ok: ServiceState = { name: "OK", drift: "" };
const hold = { kind: "freeze", by: "root", reason: "", since: new Date(0), until: null } as const;
const known = { is: "known", tips: new Map([["main", tip]]) } as const;

test("a service that tracks goes to its branch's tip", () => {
  expect(targetOf(where, { state: ok, applied }, known)).toEqual({ commit: tip, problem: null });
});

test("a held service ignores upstream, and goes to its hold's commit or stays", () => {
  const frozen: ServiceState = { name: "FREEZE", hold: { ...hold, commit: null }, drift: "" };
  expect(targetOf(where, { state: frozen, applied }, known).commit).toBe(applied);
  const rolledBack: ServiceState = { name: "ROLLBACK", hold: { ...hold, commit: tip } };
  expect(targetOf(where, { state: rolledBack, applied }, { is: "unasked" }).commit).toBe(tip);
});

test("an upstream that is down leaves the service where it is, with the reason", () => {
  const problem = new Problem("git", "Cannot fetch");
  const target = targetOf(where, { state: ok, applied }, { is: "unreachable", problem });
  expect(target).toEqual({ commit: applied, problem });
});

test("a branch that is gone leaves the service where it is, and the message names it without the password", () => {
  const target = targetOf(where, { state: ok, applied }, { is: "known", tips: new Map() });
  expect(target.commit).toBe(applied);
  expect(target.problem?.message).toContain('Branch "main" is not at "https://***@example.com/x"');
});
