import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { type Hold, holdOf, infoOf, type ServiceState, stateNames, waitingOf } from "../model/state.ts";
import { initialState, next, type StateEvent } from "./next.ts";

const a = "a".repeat(40) as Commit;
const b = "b".repeat(40) as Commit;
const settledAt = (commit: Commit, drift = ""): StateEvent => ({ type: "settled", commit, drift });
const failedAt = (target: Commit | null, part: "git" | "host" = "host"): StateEvent => ({
  type: "failed",
  part,
  reason: "no",
  code: part === "git" ? "git-failed" : "unit-failed",
  target,
});
const at = new Date("2026-11-24T10:00:00Z");
const later = new Date("2026-11-25T10:00:00Z");
const freeze = (more: { by?: string; reason?: string; until?: Date | null } = {}): StateEvent => ({
  type: "freeze",
  by: "root",
  reason: "",
  until: null,
  at,
  ...more,
});
const rollback = (to: Commit, reason = ""): StateEvent => ({ type: "rollback", to, by: "ci", reason, at });
const run = (...events: StateEvent[]): ServiceState => events.reduce(next, initialState);

test("a look that began before a rollback does not end it: it has left local edits as they were", () => {
  const going = run(rollback(a));
  expect(next(going, { type: "settled", commit: a, drift: "drift: 1 local edit: x", since: "OK" })).toBe(
    going,
  );
  expect(next(going, { type: "settled", commit: a, drift: "", since: "ROLLBACK" }).name).toBe("FREEZE");
});

describe("tracking", () => {
  test("a service that settles is OK, with its drift as info", () => {
    expect(infoOf(run(settledAt(a, "drift: 1 local edit: x")))).toBe("drift: 1 local edit: x");
  });
  test("a failure of the host is BROKEN, one of git is DIFF, and settling mends both", () => {
    expect(run(failedAt(a)).name).toBe("BROKEN");
    expect(run(failedAt(a, "git")).name).toBe("DIFF");
    expect(run(failedAt(a), settledAt(a))).toEqual(initialState);
  });
  test("an event that brings nothing new gives the same object", () => {
    const broken = run(failedAt(a));
    expect(next(broken, failedAt(a))).toBe(broken);
    expect(next(initialState, { type: "unfreeze" })).toBe(initialState);
  });
});

describe("released", () => {
  const release: StateEvent = { type: "release", by: "root", reason: "moves", at };
  const released = run(failedAt(a), release);

  test("it is held whatever it was before, and its info says since when its files are plain", () => {
    expect(run(freeze({ until: later }), release)).toEqual(released);
    expect(infoOf(released)).toBe(
      "released by root: moves; its files are plain files since 2026-11-24 10:00 UTC; take it out of the config, or unfreeze it to manage it again",
    );
  });
  test("only an unfreeze changes it", () => {
    const events = [
      settledAt(a),
      failedAt(a),
      failedAt(null),
      freeze({ until: later }),
      rollback(a),
      release,
    ];
    for (const event of [...events, { type: "freeze-expired", at: later } as const])
      expect(next(released, event)).toBe(released);
    expect(next(released, { type: "unfreeze" })).toEqual(initialState);
  });
});

describe("held", () => {
  const rolledBack = run(rollback(a));

  test("a rollback ends in FREEZE when its commit settles, and only then", () => {
    expect(next(rolledBack, settledAt(b))).toBe(rolledBack);
    expect(next(rolledBack, settledAt(a))).toMatchObject({
      name: "FREEZE",
      hold: { commit: a, kind: "rollback" },
    });
  });
  test("the end of a deployment that was under way says nothing about the rollback", () => {
    expect(next(rolledBack, failedAt(b))).toBe(rolledBack);
  });
  test("a rollback that fails keeps its hold, and recovers into FREEZE", () => {
    const broken = next(rolledBack, failedAt(a));
    expect(broken.name).toBe("BROKEN");
    expect(next(broken, settledAt(a)).name).toBe("FREEZE");
  });
  test("freezing keeps an earlier hold; unfreezing ends any", () => {
    const broken = next(rolledBack, failedAt(a));
    expect(holdOf(next(broken, freeze()))).toMatchObject({ commit: a });
    const letGo = next(broken, { type: "unfreeze" });
    expect(letGo).toEqual({ name: "BROKEN", reason: "no", code: "unit-failed", hold: null });
    expect(next(letGo, settledAt(a))).toEqual(initialState);
  });
  test.each(["host", "git"] as const)(
    "a failure of the %s is seen through a freeze, and after it",
    (part) => {
      const failing = run(failedAt(a, part));
      const frozen = next(failing, freeze({ reason: "look into it", until: later }));
      expect(frozen.name).toBe(failing.name);
      expect(infoOf(frozen)).toBe("no (held, by root until 2026-11-25 10:00 UTC: look into it)");
      expect(next(frozen, settledAt(a)).name).toBe("FREEZE");
      for (const end of [{ type: "unfreeze" }, { type: "freeze-expired", at: later }] as const)
        expect(next(frozen, end)).toEqual(failing);
    },
  );
  test("a plain freeze stays through settling", () => {
    expect(run(freeze(), settledAt(a)).name).toBe("FREEZE");
  });
});

describe("what people see of a hold", () => {
  test.each<[StateEvent[], string]>([
    [[freeze()], "by root"],
    [[freeze({ until: later })], "by root until 2026-11-25 10:00 UTC"],
    [[freeze({ until: later, reason: "release week" })], "by root until 2026-11-25 10:00 UTC: release week"],
    [[freeze({ reason: "release week" })], "by root: release week"],
    [[freeze({ by: "" })], ""],
    [[rollback(a)], `ROLLBACK: ${a}`],
    [[rollback(a, "bad release")], `ROLLBACK: ${a} (by ci: bad release)`],
    [
      [rollback(a), settledAt(a), freeze({ until: later })],
      `ROLLBACK: ${a} (by root until 2026-11-25 10:00 UTC)`,
    ],
    [[freeze({ reason: "why" }), failedAt(a)], "no (held, by root: why)"],
    [[freeze({ by: "" }), failedAt(a)], "no"],
  ])("%j", (events, info) => {
    expect(infoOf(run(...events))).toBe(info);
  });
});

describe("a freeze that comes again", () => {
  const rolledBack = run(rollback(a));

  test("replaces reason and time, and keeps since when it is held", () => {
    const once = run(freeze({ reason: "one", until: later }), {
      ...settledAt(a, "drift"),
      code: "local-edits",
    } as StateEvent);
    const twice = next(once, { ...freeze({ by: "bob", reason: "two" }), at: later } as StateEvent);
    expect(twice).toEqual({
      name: "FREEZE",
      hold: { kind: "freeze", commit: null, by: "bob", reason: "two", since: at, until: null },
      drift: "drift",
      code: "local-edits",
    });
    expect(next(twice, freeze({ by: "bob", reason: "two" }))).toBe(twice);
  });
  test("without reason and time changes nothing", () => {
    const once = run(freeze({ reason: "one", until: later }));
    expect(next(once, freeze({ by: "bob" }))).toBe(once);
  });
  test("keeps the commit of a rollback, which goes on", () => {
    const frozen = next(rolledBack, freeze({ reason: "until monday", until: later }));
    expect(frozen).toMatchObject({ name: "ROLLBACK", hold: { commit: a, until: later } });
    expect(next(frozen, settledAt(a))).toMatchObject({ name: "FREEZE", hold: { commit: a, by: "root" } });
  });
});

describe("an expired freeze", () => {
  test("comes when the time of the freeze has come, and not before", () => {
    const frozen = run(freeze({ until: later }), settledAt(a));
    expect(next(frozen, { type: "freeze-expired", at: new Date(later.getTime() - 1) })).toBe(frozen);
    expect(next(frozen, { type: "freeze-expired", at: later })).toEqual(initialState);
    expect(next(run(freeze(), failedAt(a)), { type: "freeze-expired", at: later }).name).toBe("BROKEN");
  });
});

describe("waiting", () => {
  const waiting = { commit: b, until: new Date("2026-11-28T02:00:00Z"), why: "a window" };
  const line = "waiting for a window: bbbbbbbb will be deployed at 2026-11-28 02:00 UTC";

  test("shows when the commit goes in, beside drift or what is broken", () => {
    expect(infoOf(run({ ...settledAt(a), waiting } as StateEvent))).toBe(line);
    expect(infoOf(run({ ...settledAt(a, "drift: x"), waiting } as StateEvent))).toBe(`${line}; drift: x`);
    expect(infoOf(run({ ...failedAt(a), waiting } as StateEvent))).toBe(`no; ${line}`);
    const never = { ...waiting, until: null };
    expect(infoOf(run({ ...settledAt(a), waiting: never } as StateEvent))).toBe(
      "waiting for a window: bbbbbbbb will not be deployed within a year",
    );
  });
  test("ends with the next settling, and when the record moves to a newer commit", () => {
    const waits = run({ ...settledAt(a), waiting } as StateEvent);
    expect(next(waits, settledAt(b))).toEqual(initialState);
    expect(next(waits, { type: "moved" })).toEqual(initialState);
    expect(next(waits, { ...settledAt(a), waiting } as StateEvent)).toBe(waits);
  });
  test("means nothing while held", () => {
    expect(run({ ...settledAt(a), waiting } as StateEvent, freeze())).not.toHaveProperty("waiting");
  });
});

const commit = fc.constantFrom(a, b);
const instant = fc.constantFrom(at, later);
const decided = { by: fc.constantFrom("root", "ci"), reason: fc.constantFrom("", "why"), at: instant };
const waiting = fc.option(fc.record({ commit, until: fc.option(instant), why: fc.constant("a window") }));
const event: fc.Arbitrary<StateEvent> = fc.oneof(
  fc.record({ type: fc.constant("settled" as const), commit, drift: fc.constantFrom("", "drift"), waiting }),
  fc.record({
    type: fc.constant("failed" as const),
    part: fc.constantFrom("git" as const, "host" as const),
    reason: fc.constantFrom("x", "y"),
    code: fc.constantFrom("git-failed" as const, "unit-failed" as const),
    target: fc.option(commit),
    waiting,
  }),
  fc.record({
    type: fc.constant("freeze" as const),
    ...decided,
    until: fc.option(instant),
  }),
  fc.record({ type: fc.constant("unfreeze" as const) }),
  fc.record({ type: fc.constant("moved" as const) }),
  fc.record({ type: fc.constant("freeze-expired" as const), at: instant }),
  fc.record({ type: fc.constant("rollback" as const), to: commit, ...decided }),
);

/** Whether an event may change a hold at all. */
function leavesHold(happened: StateEvent, hold: Hold | null): boolean {
  if (happened.type === "freeze-expired")
    return hold?.until === undefined || hold.until === null || hold.until > happened.at;
  return ["settled", "failed", "moved"].includes(happened.type);
}

test("whatever happens, only people begin a hold, and only they or its time end it", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let state = initialState;
      for (const happened of events) {
        const before = holdOf(state);
        state = next(state, happened);
        const after = holdOf(state);
        expect(stateNames).toContain(state.name);
        if (leavesHold(happened, before)) expect(after).toEqual(before);
        else expect(after === null).toBe(happened.type === "freeze-expired" || happened.type === "unfreeze");
        if (after !== null) expect(waitingOf(state)).toBeNull();
      }
    }),
  );
});
