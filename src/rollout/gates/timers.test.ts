import { expect, test } from "vitest";
import type { Commit } from "../../model/commit.ts";
import type { ServiceState } from "../../model/state.ts";
import { sleepUntilMs, timersOf } from "./timers.ts";

const now = new Date("2026-11-24T12:00:00Z");
const inMs = (ms: number) => new Date(now.getTime() + ms);
const commit = "a".repeat(40) as Commit;
const frozen = (until: Date | null): ServiceState => ({
  name: "FREEZE",
  hold: { kind: "freeze", commit: null, by: "root", reason: "", since: now, until },
  drift: "",
});
const waits = (until: Date | null): ServiceState => ({
  name: "OK",
  drift: "",
  waiting: { commit, until, why: "a window" },
});

test("freezes with a time and commits that wait have an alarm, and nothing else has", () => {
  const records = [
    { service: "plain", state: { name: "OK", drift: "" } as ServiceState },
    { service: "frozen", state: frozen(null) },
    { service: "expires", state: frozen(inMs(5)) },
    { service: "broken", state: { ...frozen(inMs(6)), name: "BROKEN", reason: "no" } as ServiceState },
    { service: "waits", state: waits(inMs(7)) },
    { service: "for ever", state: waits(null) },
  ];
  expect(timersOf(records)).toEqual([
    { service: "expires", kind: "freeze-expired", at: inMs(5) },
    { service: "broken", kind: "freeze-expired", at: inMs(6) },
    { service: "waits", kind: "opening", at: inMs(7) },
  ]);
});

test("it sleeps until the first, a minute at most, and not at all when one is due", () => {
  const sleep = (...ms: number[]) =>
    sleepUntilMs(
      ms.map((delay) => ({ service: "app", kind: "freeze-expired", at: inMs(delay) })),
      now,
    );
  expect(sleep()).toBeNull();
  expect(sleep(30_000, 20_000)).toBe(20_000);
  expect(sleep(86_400_000)).toBe(60_000);
  expect(sleep(-5, 20_000)).toBe(0);
});
