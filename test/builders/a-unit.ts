import type { UnitRun } from "../../src/health/judge-unit.ts";
import type { UnitSeen } from "../../src/model/unit.ts";

/** A running, enabled unit as systemd describes it. */
export function aUnit(changes: Partial<UnitSeen> = {}): UnitSeen {
  return {
    id: "app.service",
    load: "loaded",
    active: "active",
    sub: "running",
    result: "success",
    queued: false,
    type: "exec",
    file: "enabled",
    needsDaemonReload: false,
    ended: "",
    restarts: 0,
    triggered: false,
    wanted: true,
    triggers: [],
    canReload: true,
    changedAt: new Date("2026-11-24T12:00:00Z"),
    activeAt: new Date("2026-11-24T12:00:00Z"),
    files: ["/etc/systemd/system/app.service"],
    ...changes,
  };
}

/** The same as a probe of its health sees it. */
export function aRun(changes: Partial<UnitRun> = {}): UnitRun {
  return {
    load: "loaded",
    active: "active",
    sub: "running",
    result: "success",
    ended: "",
    restarts: 0,
    type: "notify",
    ...changes,
  };
}
