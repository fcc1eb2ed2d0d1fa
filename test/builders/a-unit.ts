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
