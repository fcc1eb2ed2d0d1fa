import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aWindow } from "../../../test/builders/a-window.ts";
import type { Window } from "../../model/window.ts";
import { createWindowGate, windowAt } from "./window.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const ask = (windows: readonly Window[], at: string) => windowAt(windows, "app", new Date(at));
const opensAt = (windows: readonly Window[], at: string) => {
  const answer = ask(windows, at);
  return answer.open ? "open" : (answer.opensAt?.toISOString() ?? "never");
};

describe("one window", () => {
  test.each([
    ["2026-11-24T01:59:59.999Z", "2026-11-24T02:00:00.000Z"],
    ["2026-11-24T02:00:00.000Z", "open"],
    ["2026-11-24T02:59:59.999Z", "open"],
    ["2026-11-24T03:00:00.000Z", "2026-11-25T02:00:00.000Z"],
  ])("that allows is open from its start until its duration is over: %s", (at, expected) => {
    expect(opensAt([aWindow()], at)).toBe(expected);
  });
  test.each([
    ["2026-11-24T01:59:59.999Z", "open"],
    ["2026-11-24T02:00:00.000Z", "2026-11-24T03:00:00.000Z"],
    ["2026-11-24T03:00:00.000Z", "open"],
  ])("that denies is the reverse: %s", (at, expected) => {
    expect(opensAt([aWindow({ kind: "deny" })], at)).toBe(expected);
  });
  test("may be longer than the time to its next start", () => {
    const windows = [aWindow({ kind: "deny", start: "0 * * * 6", durationMs: 2 * hourMs })];
    expect(opensAt(windows, "2026-11-28T05:30:00Z")).toBe("2026-11-29T01:00:00.000Z");
  });
});

describe("several windows", () => {
  const nightly = aWindow({ durationMs: 4 * hourMs });
  const backup = aWindow({ name: "backup", kind: "deny", start: "30 2 * * *" });

  test("deny wins over allow, and names itself", () => {
    expect(opensAt([nightly, backup], "2026-11-24T02:15:00Z")).toBe("open");
    expect(ask([nightly, backup], "2026-11-24T02:45:00Z")).toEqual({
      open: false,
      opensAt: new Date("2026-11-24T03:30:00Z"),
      why: 'a window ("backup" denies)',
    });
  });
  test("what opens inside of one that denies opens at its end", () => {
    const weekend = aWindow({ kind: "deny", start: "0 0 * * SAT", durationMs: 48 * hourMs + 3 * hourMs });
    expect(opensAt([nightly, weekend], "2026-11-27T12:00:00Z")).toBe("2026-11-30T03:00:00.000Z");
  });
  test("one of several that allow is enough", () => {
    const noon = aWindow({ start: "0 12 * * *" });
    expect(opensAt([nightly, noon], "2026-11-24T06:00:00Z")).toBe("2026-11-24T12:00:00.000Z");
  });
  test("those of other services say nothing", () => {
    expect(opensAt([aWindow({ services: ["web"] })], "2026-11-24T12:00:00Z")).toBe("open");
    expect(opensAt([aWindow({ services: ["web", "app"] })], "2026-11-24T12:00:00Z")).toBe(
      "2026-11-25T02:00:00.000Z",
    );
  });
  test("without any it is open", () => {
    expect(opensAt([], "2026-11-24T12:00:00Z")).toBe("open");
  });
});

describe("what never opens", () => {
  test("in a year is said so", () => {
    expect(opensAt([aWindow({ start: "0 0 29 2 *" })], "2026-11-24T12:00:00Z")).toBe("never");
    expect(
      opensAt(
        [aWindow({ kind: "deny", start: "0 0 * * *", durationMs: 24 * hourMs })],
        "2026-11-24T12:00:00Z",
      ),
    ).toBe("never");
  });
  test("is not searched without end", () => {
    const windows = Array.from({ length: 1_000 }, (_, minute) =>
      aWindow({ kind: "deny", start: `${minute % 60} * * * *`, durationMs: 2 * minuteMs }),
    );
    const began = performance.now();
    const answer = ask(windows, "2026-11-24T12:00:00Z");
    expect(answer.open).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe("the clocks of Amsterdam", () => {
  const inAmsterdam = (start: string, durationMs = hourMs) => [
    aWindow({ start, durationMs, timezone: "Europe/Amsterdam" }),
  ];
  test.each([
    ["in winter, an hour ahead of UTC", "0 2 * * *", "2026-03-28T00:00:00Z", "2026-03-28T01:00:00.000Z"],
    ["in summer, two", "0 2 * * *", "2026-03-30T23:00:00Z", "2026-03-31T00:00:00.000Z"],
    ["02:30 that is skipped is 03:00", "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00.000Z"],
    ["02:30 that comes twice is the first", "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
    ["and does not come again", "30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00.000Z"],
  ])("%s", (_, start, at, expected) => {
    expect(opensAt(inAmsterdam(start), at)).toBe(expected);
  });
  test("the duration is of real time, over the change too", () => {
    const windows = inAmsterdam("0 1 * * *", 2 * hourMs);
    // 01:00 is 00:00 UTC; two hours later it is 04:00 there.
    expect(opensAt(windows, "2026-03-29T01:59:59Z")).toBe("open");
    expect(opensAt(windows, "2026-03-29T02:00:00Z")).toBe("2026-03-29T23:00:00.000Z");
    expect(opensAt(windows, "2026-10-25T00:59:59Z")).toBe("open");
    expect(opensAt(windows, "2026-10-25T01:00:00Z")).toBe("2026-10-26T00:00:00.000Z");
  });
});

/** Whether the window is on at a whole minute of UTC, minute by minute. */
function isOn({ start, durationMs }: Window, minute: number): boolean {
  const [m, h] = start.split(" ");
  for (let ago = 0; ago * minuteMs < durationMs; ago += 1) {
    const then = new Date((minute - ago) * minuteMs);
    const fits = (field: string | undefined, value: number) => field === "*" || Number(field) === value;
    if (fits(m, then.getUTCMinutes()) && fits(h, then.getUTCHours())) return true;
  }
  return false;
}

function isOpen(windows: readonly Window[], minute: number): boolean {
  if (windows.some((window) => window.kind === "deny" && isOn(window, minute))) return false;
  const allow = windows.filter(({ kind }) => kind === "allow");
  return allow.length === 0 || allow.some((window) => isOn(window, minute));
}

test("it agrees with a check of each minute", () => {
  const window = fc.record({
    name: fc.constant(null),
    kind: fc.constantFrom("allow" as const, "deny" as const),
    start: fc
      .tuple(fc.constantFrom("0", "7", "30", "59"), fc.constantFrom("*", "0", "5", "22", "23"))
      .map(([m, h]) => `${m} ${h} * * *`),
    durationMs: fc.integer({ min: 1, max: 300 }).map((minutes) => minutes * minuteMs),
    timezone: fc.constant("UTC"),
    services: fc.constantFrom(null, ["app"]),
  });
  const base = Date.UTC(2026, 10, 24) / minuteMs;
  fc.assert(
    fc.property(fc.array(window, { maxLength: 3 }), fc.integer({ min: 0, max: 1439 }), (windows, offset) => {
      const minute = base + offset;
      const answer = windowAt(windows, "app", new Date(minute * minuteMs));
      let opening = minute;
      while (opening < minute + 2 * 1440 && !isOpen(windows, opening)) opening += 1;
      expect(answer.open).toBe(opening === minute);
      if (answer.open) return;
      const opensMs = answer.opensAt?.getTime() ?? Number.POSITIVE_INFINITY;
      if (opening < minute + 2 * 1440) expect(opensMs).toBe(opening * minuteMs);
      else expect(opensMs).toBeGreaterThan(opening * minuteMs);
    }),
    { numRuns: 100 },
  );
}, 20_000);

test("the gate lets services through that the config does not name", () => {
  const gate = createWindowGate([aWindow()], ["app"]);
  const noon = new Date("2026-11-24T12:00:00Z");
  expect(gate.ask("app", noon).open).toBe(false);
  expect(gate.ask("gitopper", noon)).toEqual({ open: true });
});
