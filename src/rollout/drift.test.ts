import { expect, test } from "vitest";
import { drifted, joinDrift, noDrift } from "./drift.ts";

const edits = drifted("1 local edit: a", "local-edits");
const stopped = drifted("the unit is stopped", "unit-stopped");
const advice = { drift: "nothing starts app.service at boot: enable it", code: "unit-advice" } as const;

test("drift is one line, advice behind it, with the most specific code", () => {
  expect(joinDrift([edits, joinDrift([stopped, advice])])).toEqual({
    drift: "drift: 1 local edit: a; the unit is stopped; nothing starts app.service at boot: enable it",
    code: "unit-stopped",
  });
  expect(joinDrift([edits, advice]).code).toBe("local-edits");
  expect(joinDrift([noDrift, advice])).toEqual(advice);
});

test("nothing has no code, nor has a note", () => {
  expect(joinDrift([noDrift, { drift: "", code: "local-edits" }])).toEqual(noDrift);
  expect(joinDrift([{ drift: "frozen before it was known to be well" }, edits])).toEqual({
    drift: "drift: 1 local edit: a; frozen before it was known to be well",
    code: "local-edits",
  });
});
