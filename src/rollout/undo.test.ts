import { expect, test } from "vitest";
import { verbAfterUnmount, verbsBeforeUnmount } from "./undo.ts";

const before = { ran: true, disabled: false };

test.each([
  ["one that ran goes on", before, { active: "active", file: "enabled" }, []],
  [
    "one that did not run is stopped",
    { ...before, ran: false },
    { active: "active", file: "enabled" },
    ["stop"],
  ],
  ["and what failed is cleared", { ...before, ran: false }, { active: "failed", file: "enabled" }, ["stop"]],
  ["one that never started is left", { ...before, ran: false }, { active: "inactive", file: "enabled" }, []],
  [
    "one that gitopper enabled is disabled",
    { ran: false, disabled: true },
    { active: "active", file: "enabled" },
    ["stop", "disable"],
  ],
])("before the files go: %s", (_, was, unit, verbs) => {
  expect(verbsBeforeUnmount(was, unit)).toEqual(verbs);
});

test.each([
  ["one that runs gets the usual verb", { active: "active", sub: "running" }, "reload"],
  ["one that failed is started", { active: "failed", sub: "failed" }, "start"],
  ["one that dies again and again is restarted", { active: "activating", sub: "auto-restart" }, "restart"],
])("with the host's own files: %s", (_, unit, verb) => {
  expect(verbAfterUnmount(before, unit, "reload")).toBe(verb);
  expect(verbAfterUnmount({ ran: false }, unit, "reload")).toBeNull();
});
