import { describe, expect, test } from "vitest";
import { aLink, aService, aUnit, changed, seen, steps, target } from "../../../test/builders/observed.ts";
import type { Service } from "../../model/service.ts";
import { planAfterwards } from "./plan-unit.ts";

describe("unit", () => {
  const onChange = (unit: object, service = aService()) =>
    steps(seen({ links: [changed], unit: aUnit(unit) }), service).filter(
      (step) => !["stage", "publish"].includes(step),
    );

  test("a unit that an admin stopped stays stopped, one that failed is started", () => {
    expect(onChange({ active: "inactive" })).toEqual([]);
    expect(onChange({ active: "failed" })).toEqual(["systemctl start", "verify"]);
  });
  test("one that dies again and again is restarted, for it cannot reload in between", () => {
    const dying = { active: "activating", sub: "auto-restart" };
    expect(onChange(dying)).toEqual(["systemctl restart", "verify"]);
  });
  test("changes that need another verb, or none, get it", () => {
    const stepsFor = (verb: string | null) => steps(seen({ links: [changed], verb }));
    expect(stepsFor("try-restart")).toEqual(["stage", "publish", "systemctl try-restart", "verify"]);
    expect(stepsFor(null)).toEqual(["stage", "publish"]);
  });
  test("restart is carried out whether it runs or not, as systemctl does", () => {
    expect(onChange({ active: "inactive" }, aService({ action: "restart" }))).toEqual([
      "systemctl restart",
      "verify",
    ]);
  });
  test("no action leaves systemd alone", () => {
    expect(onChange({ needsDaemonReload: true }, aService({ action: null }))).toEqual([]);
  });
  test("a template instance is enabled once", () => {
    const template = aService({ name: "app@one" });
    expect(onChange({ file: "disabled" }, template)).toEqual([
      "systemctl reload",
      "systemctl enable",
      "verify",
    ]);
    expect(onChange({ file: "enabled" }, template)).toEqual(["systemctl reload", "verify"]);
  });
  test("a unit that is started for the first time is enabled, unless something else starts it", () => {
    const first = (unit: object) =>
      steps(
        seen({
          applied: null,
          unit: aUnit({ active: "inactive", file: "disabled", wanted: false, ...unit }),
        }),
      );
    const enabled = ["systemctl start", "systemctl enable", "verify"];
    const started = ["systemctl start", "verify"];
    expect(first({})).toEqual(enabled);
    expect(first({ triggered: true })).toEqual(started);
    expect(first({ wanted: true })).toEqual(started);
    expect(first({ file: "static" })).toEqual(started);
    expect(first({ active: "active" })).toEqual(["systemctl reload", "verify"]);
    expect(onChange({ active: "inactive", file: "disabled", wanted: false })).toEqual([]);
  });
  test("systemd reads its files again where it does not have the unit, which may be made from them", () => {
    const missing = { load: "not-found", active: "inactive" };
    expect(onChange(missing)).toEqual(["daemon-reload"]);
    const observed = { ...seen(), verb: "reload" };
    const appeared = planAfterwards(
      aService(),
      observed,
      { runsVerb: true, verifies: true, appeared: true },
      aUnit({ active: "inactive" }),
    );
    expect(appeared).toEqual([
      { do: "systemctl", verb: "start" },
      { do: "verify", unit: true },
    ]);
  });
  test("systemd reads its files again when it has to, and only then", () => {
    expect(onChange({ needsDaemonReload: true })).toEqual(["daemon-reload", "systemctl reload", "verify"]);
    const unitFile = aLink({ stale: true, needsReload: true, unitFiles: true });
    expect(steps(seen({ links: [unitFile] }))).toEqual([
      "stage",
      "check",
      "publish",
      "daemon-reload",
      "systemctl reload",
      "verify",
    ]);
    expect(steps(seen({ links: [changed, aLink({ unitFiles: true })] }))).toEqual([
      "stage",
      "check",
      "publish",
      "systemctl reload",
      "verify",
    ]);
  });
  test("a reload that failed is tried again though files and mounts are right", () => {
    expect(steps(seen({ unfinished: true }))).toEqual(["systemctl reload", "verify"]);
  });
});

describe("health", () => {
  const probe = { kind: "tcp", host: "::1", port: 80, intervalMs: 1, timeoutMs: 1, deadlineMs: 1 } as const;
  const probed = (changes: Partial<Service> = {}) =>
    aService({ health: { settleMs: 0, probes: [probe], onFailure: "rollback" }, ...changes });
  test("a unit that was reloaded has to be well", () => {
    expect(steps(seen({ links: [changed] }))).toEqual(["stage", "publish", "systemctl reload", "verify"]);
  });
  test("a unit that an admin stopped is not judged, but its probes are", () => {
    const stopped = seen({ links: [changed], unit: aUnit({ active: "inactive" }) });
    expect(steps(stopped)).toEqual(["stage", "publish"]);
    expect(steps(stopped, probed())).toEqual(["stage", "publish", "verify without unit"]);
  });
  test("where systemd is left alone only the probes count", () => {
    expect(steps(seen({ links: [changed] }), aService({ action: null }))).toEqual(["stage", "publish"]);
    expect(steps(seen({ links: [changed] }), probed({ action: null }))).toEqual([
      "stage",
      "publish",
      "verify without unit",
    ]);
    expect(steps(seen(), probed({ action: null }))).toEqual([]);
  });
  test("a unit that was reloaded and not well is verified again, and not reloaded again", () => {
    expect(steps(seen({ unverified: true, lastReloaded: target }))).toEqual(["verify"]);
    const healed = seen({ unverified: true, applied: target, lastReloaded: target });
    expect(steps(healed)).toEqual(["verify without unit"]);
  });
  test("one that was stopped before its commit counted as good is started where drift is healed", () => {
    const heals = aService({ drift: { mode: "heal", healsPerHour: 5 } });
    const stopped = seen({ unverified: true, lastReloaded: target, unit: aUnit({ active: "inactive" }) });
    expect(steps(stopped, heals)).toEqual(["systemctl start", "verify"]);
    expect(steps(stopped)).toEqual(["verify"]);
    expect(steps({ ...stopped, unit: aUnit() }, heals)).toEqual(["verify"]);
  });
});
