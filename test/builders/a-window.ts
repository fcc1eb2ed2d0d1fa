import type { Window } from "../../src/model/window.ts";

/** An hour every night, at two o'clock UTC, for all services. */
export function aWindow(changes: Partial<Window> = {}): Window {
  return {
    name: null,
    kind: "allow",
    start: "0 2 * * *",
    durationMs: 3_600_000,
    timezone: "UTC",
    services: null,
    ...changes,
  };
}
