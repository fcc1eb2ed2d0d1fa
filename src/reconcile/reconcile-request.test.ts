import fc from "fast-check";
import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { moreTelling, type Trigger, triggers } from "../model/deployment/deployment.ts";
import type { Hold } from "../model/state.ts";
import { causeOf, coalesce, type ReconcileRequest, requestOf } from "./reconcile-request.ts";

const trigger = fc.constantFrom(...triggers);
const requests: fc.Arbitrary<ReconcileRequest> = fc.record({
  trigger,
  overrideWindow: fc.boolean(),
  by: fc.constantFrom("", "ann", "bob"),
  reason: fc.constantFrom("", "one", "two"),
});
const people: readonly Trigger[] = ["pull", "rollback", "unfreeze"];

test("of two triggers the same one wins in either order, and a person's wins over all others", () => {
  fc.assert(
    fc.property(trigger, trigger, trigger, (a, b, c) => {
      expect([a, b]).toContain(moreTelling(a, b));
      expect(moreTelling(a, b)).toBe(moreTelling(b, a));
      expect(moreTelling(moreTelling(a, b), c)).toBe(moreTelling(a, moreTelling(b, c)));
      if (people.includes(a)) expect(people).toContain(moreTelling(a, b));
    }),
  );
});

test("any number of asks, in any order, are one with the most telling trigger, who wanted it and why, and what any of them may", () => {
  fc.assert(
    fc.property(fc.array(requests, { minLength: 1 }), (all) => {
      const merged = all.reduce<ReconcileRequest>((one, other) => coalesce(one, other), requestOf("poll"));
      const most = all.map((one) => one.trigger).reduce(moreTelling);
      expect(merged.trigger).toBe(most);
      expect(merged.overrideWindow).toBe(all.some((one) => one.overrideWindow));
      const wanted = all.filter((one) => one.trigger === most);
      const { by, reason } =
        wanted.findLast((one) => one.reason !== "") ?? wanted.at(-1) ?? requestOf("poll");
      expect(merged).toMatchObject({ by, reason });
    }),
  );
});

test("a reconcile after a poll carries out the rollback that it finds, and records its author and reason", () => {
  const at = new Date("2026-11-24T10:00:00Z");
  const hold = { by: "ci", reason: "bad release", since: at, until: null };
  const rolling: Hold & { commit: Commit } = { kind: "rollback", commit: "a".repeat(40) as Commit, ...hold };
  expect(causeOf({ name: "ROLLBACK", hold: rolling }, requestOf("poll"))).toEqual({
    trigger: "rollback",
    by: "ci",
    reason: "bad release",
  });
  expect(causeOf({ name: "OK", drift: "" }, { ...requestOf("poll"), trigger: "unfreeze" }).trigger).toBe(
    "unfreeze",
  );
});
