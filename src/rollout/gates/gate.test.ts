import { expect, test } from "vitest";
import { askGates, type Gate, type Permission } from "./gate.ts";

const now = new Date("2026-11-24T12:00:00Z");
const later = new Date("2026-11-24T13:00:00Z");
const muchLater = new Date("2026-11-25T13:00:00Z");
const open: Permission = { open: true };
const closed = (opensAt: Date | null, why: string): Permission => ({ open: false, opensAt, why });
const gates = (...answers: Permission[]): Gate[] => answers.map((answer) => ({ ask: () => answer }));

test.each([
  ["no gate is open", [], open],
  ["all open is open", [open, open], open],
  ["one closed is closed", [open, closed(later, "a")], closed(later, "a")],
  ["the last to open has the word", [closed(later, "a"), closed(muchLater, "b")], closed(muchLater, "b")],
  ["whatever their order", [closed(muchLater, "b"), closed(later, "a")], closed(muchLater, "b")],
  ["never is later than any", [closed(null, "c"), closed(muchLater, "b")], closed(null, "c")],
  ["and the other way round", [closed(muchLater, "b"), closed(null, "c")], closed(null, "c")],
] as const)("%s", (_, answers, expected) => {
  expect(askGates(gates(...answers), "app", now)).toEqual(expected);
});
