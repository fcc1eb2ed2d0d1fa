import { describe, expect, test } from "vitest";
import { aRun } from "../../test/builders/a-unit.ts";
import { isStopped, judgeUnit, type UnitRun } from "./judge-unit.ts";

const verdict = (changes: Partial<UnitRun>, restarts = 0) => {
  const judged = judgeUnit(aRun(changes), { unit: "app", restarts, watchedMs: 2_300 });
  return judged.is === "well" ? "well" : `${judged.is}: ${judged.reason}`;
};

describe("a unit", () => {
  test("is well while it is active, while it reloads, and when it was a oneshot that did its work", () => {
    expect(verdict({})).toBe("well");
    expect(verdict({ active: "active", sub: "exited", type: "oneshot" })).toBe("well");
    expect(verdict({ active: "reloading", sub: "reload" })).toBe("well");
    expect(verdict({ active: "inactive", sub: "dead", type: "oneshot" })).toBe("well");
  });
  test("that failed is named with its result and how its process ended", () => {
    const failed = { active: "failed", sub: "failed" };
    expect(verdict({ ...failed, result: "exit-code", ended: "status 1" })).toBe(
      "failed: unit app failed: Result=exit-code, status 1",
    );
    expect(verdict({ ...failed, result: "start-limit-hit" })).toBe(
      "failed: unit app failed: Result=start-limit-hit",
    );
    expect(verdict({ ...failed, type: "oneshot", result: "exit-code", ended: "status 2" })).toMatch(
      /^failed: /,
    );
  });
  test("that systemd started again has failed, or is about to be", () => {
    expect(verdict({ restarts: 2 })).toBe("failed: unit app restarted 2 times within 3s");
    expect(verdict({ restarts: 4 }, 3)).toBe("failed: unit app restarted 1 time within 3s");
    expect(verdict({ restarts: 3 }, 3)).toBe("well");
    const waiting = { active: "activating", sub: "auto-restart", result: "signal", ended: "signal 11" };
    expect(verdict(waiting)).toBe("failed: unit app ended within 3s: Result=signal, signal 11");
  });
  test("that is on its way, or gone for good reasons alone, may come yet", () => {
    expect(verdict({ active: "activating", sub: "start" })).toBe(
      "waits: unit app is activating (start) instead of active",
    );
    expect(verdict({ active: "inactive", sub: "dead" })).toMatch(/^stopped: /);
  });
});

test("a stopped unit exists and does not run", () => {
  expect(isStopped(aRun({ active: "inactive", sub: "dead" }))).toBe(true);
  expect(isStopped(aRun({ active: "failed", sub: "failed", result: "exit-code" }))).toBe(true);
  expect(isStopped(aRun({ active: "activating", sub: "auto-restart" }))).toBe(true);
  expect(isStopped(aRun())).toBe(false);
  expect(isStopped(aRun({ active: "activating", sub: "start" }))).toBe(false);
  expect(isStopped(aRun({ active: "inactive", type: "oneshot" }))).toBe(false);
  expect(isStopped(aRun({ active: "inactive", load: "not-found" }))).toBe(false);
});
