import { expect, test } from "vitest";
import { aUnit } from "../../../test/builders/a-unit.ts";
import type { AbsPath } from "../../model/path.ts";
import { plainService, type Service } from "../../model/service.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { type CrashHistory, judgeUnit, nextCrashHistory, planUnitDrift, stableInMs } from "./unit.ts";

const service: Service = {
  ...plainService,
  ...{ name: "app", machine: "alpha", upstream: "u", branch: "main", user: "root", action: "reload" },
  checkout: "/srv/gitopper/app" as AbsPath,
};

const second = 1_000;
const well = aUnit();
const failed = aUnit({ active: "failed", sub: "failed", result: "exit-code", ended: "status 1" });
const waits = (restarts: number) =>
  aUnit({ active: "activating", sub: "auto-restart", result: "signal", ended: "SIGSEGV", restarts });
const stopped = aUnit({ active: "inactive", sub: "dead" });

/** The verdict after each observation of a unit, one a second unless said otherwise; empty: all well. */
function story(looks: readonly (UnitSeen | { readonly unit: UnitSeen; readonly atMs: number })[]) {
  let crashes: CrashHistory | null = null;
  return looks.map((look, index) => {
    const { unit, atMs } = "unit" in look ? look : { unit: look, atMs: index * second };
    crashes = nextCrashHistory(crashes, unit, atMs);
    return crashes.reason ?? "";
  });
}

const deadBy = (what: string) => `the unit died: ${what}`;

test("a unit that fails is dead until it has been active for three seconds", () => {
  const dead = deadBy("exit-code, status 1");
  expect(story([well, failed, failed, well, well, well, well])).toEqual([
    "",
    dead,
    dead,
    dead,
    dead,
    dead,
    "",
  ]);
});

test("one that is dead at the first look is dead, and one that was restarted long ago is not", () => {
  expect(story([failed])).toEqual([deadBy("exit-code, status 1")]);
  expect(story([aUnit({ restarts: 41 })])).toEqual([""]);
});

test("a crash is reported once, with its first reason, whatever follows before the unit is well", () => {
  const dead = deadBy("signal, SIGSEGV");
  const looks = [well, waits(0), aUnit({ restarts: 1 }), waits(1), { ...failed, restarts: 1 }];
  expect(story(looks)).toEqual(["", dead, dead, dead, dead]);
});

test("a death between two looks is seen by systemd's count of restarts", () => {
  expect(story([well, aUnit({ restarts: 1 })])[1]).toBe("the unit died, and systemd started it again");
});

test("a crash that was not observed is over when the unit has lived for three seconds", () => {
  const back = aUnit({ restarts: 1 });
  expect(story([well, back, back, back, back]).at(-1)).toBe("");
});

test("the start after a death that was seen is no other death", () => {
  const looks = [well, waits(0), aUnit({ restarts: 1 })];
  const calm = { unit: aUnit({ restarts: 1 }), atMs: 2 * second + 3_000 };
  expect(story([...looks, calm]).at(-1)).toBe("");
});

test("a unit that ends in peace and is started again by systemd is well", () => {
  const ends = { ...waits(0), result: "success", ended: "status 0" };
  expect(story([well, ends, aUnit({ restarts: 1 })])).toEqual(["", "", ""]);
});

test("the more often it dies, the longer it has to live; an hour of health forgives", () => {
  let crashes = nextCrashHistory(null, well, 0);
  const calms: (number | null)[] = [];
  for (let death = 0; death < 20; death++) {
    crashes = nextCrashHistory(crashes, failed, death * second);
    crashes = nextCrashHistory(crashes, well, death * second);
    calms.push(stableInMs(crashes, death * second));
  }
  expect(calms.slice(0, 4)).toEqual([3_000, 6_000, 12_000, 24_000]);
  expect(calms.at(-1)).toBe(30 * 60_000);
  const laterMs = 2 * 3_600_000;
  crashes = nextCrashHistory(nextCrashHistory(crashes, well, laterMs), failed, laterMs);
  expect(stableInMs(nextCrashHistory(crashes, well, laterMs), laterMs)).toBe(3_000);
});

test("an admin who starts it clears its crashes: systemd counts from 0", () => {
  const loops = [well, waits(3), aUnit({ restarts: 4 }), waits(4)];
  expect(story([...loops, well])).toEqual(["", ...Array(3).fill(deadBy("signal, SIGSEGV")), ""]);
});

test("a crashed unit that an admin stops is stopped", () => {
  expect(story([failed, stopped])).toEqual([deadBy("exit-code, status 1"), ""]);
});

const circumstances = { wasEnabled: true, editedAt: null };
const verdict = (unit: UnitSeen, changes: Partial<typeof circumstances> | { editedAt: Date } = {}) =>
  judgeUnit(service, unit, { crashes: nextCrashHistory(null, unit, 0), ...circumstances, ...changes });

test("stopped, masked and disabled units are drift", () => {
  expect(verdict(well)).toEqual({ problem: null, drift: "" });
  expect(verdict(stopped).drift).toBe("drift: the unit is stopped");
  expect(verdict({ ...well, load: "masked", file: "masked" }).drift).toBe("drift: the unit is masked");
  const disabled = { ...stopped, file: "disabled" };
  expect(verdict(disabled).drift).toBe("drift: the unit is stopped; the unit is disabled");
  expect(verdict(disabled, { wasEnabled: false }).drift).toBe("drift: the unit is stopped");
  expect(verdict(disabled).code).toBe("unit-stopped");
  expect(verdict({ ...well, file: "disabled" }).code).toBe("unit-drift");
  expect(verdict({ ...well, canReload: false }).code).toBe("unit-advice");
});

test("units that need not run are not missed", () => {
  for (const changes of [{ type: "oneshot" }, { triggered: true }, { queued: true }, { result: "exit-code" }])
    expect(verdict({ ...stopped, ...changes }).drift).toBe("");
});

test("a unit that systemd does not find, or cannot load, is a problem", () => {
  const absent = { ...stopped, file: "" };
  const problemOf = (load: string) => verdict({ ...absent, load }).problem;
  const code = "unit-missing";
  expect(problemOf("not-found")).toEqual({ reason: "the unit does not exist", code });
  expect(problemOf("bad-setting")).toEqual({ reason: "systemd cannot load the unit: bad-setting", code });
});

test("files that are newer than the unit's last start or reload", () => {
  const older = "drift: the unit runs with older files than those on disk";
  expect(verdict({ ...well, needsDaemonReload: true }).drift).toBe(older);
  const edited = (time: string) => verdict(well, { editedAt: new Date(`2026-11-24T${time}Z`) }).drift;
  expect(["11:59:59", "12:00:00.900", "12:00:01"].map(edited)).toEqual(["", "", older]);
  expect(verdict(stopped, { editedAt: new Date("2027-01-01") }).drift).toBe("drift: the unit is stopped");
});

test("what heals: enable and start, and nothing for one that died", () => {
  const steps = (unit: UnitSeen, name = "app") => planUnitDrift({ ...service, name }, unit, name === "app");
  const enable = { do: "systemctl", verb: "enable" };
  const start = { do: "systemctl", verb: "start" };
  expect(steps({ ...stopped, file: "disabled" })).toEqual([enable, start]);
  expect(steps({ ...well, file: "disabled" }, "app@1")).toEqual([enable]);
  expect([well, failed, waits(0)].flatMap((unit) => steps(unit))).toEqual([]);
  expect(planUnitDrift({ ...service, action: null }, stopped, true)).toEqual([]);
});
