import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import type { ServiceState } from "../model/state.ts";
import { lineOf } from "./log-events.ts";

const ok = (drift = ""): ServiceState => ({ name: "OK", drift });
const broken: ServiceState = { name: "BROKEN", reason: "the unit died", code: "unit-failed", hold: null };

test.each<[string, ServiceState, ServiceState, string | undefined]>([
  ["a transition", ok(), broken, "OK → BROKEN: the unit died"],
  ["a transition back", broken, ok(), "BROKEN → OK"],
  ["news within a state", ok(), ok("drift: /etc/app"), "OK: drift: /etc/app"],
  ["their end", ok("drift: /etc/app"), ok(), "OK, cleared: drift: /etc/app"],
  ["nothing that people would see", ok(), { ...ok() }, undefined],
])("%s is logged as what it is", (_, before, state, text) => {
  const status = { service: "app", commit: "a".repeat(40) as Commit, state, changedAt: new Date(0) };
  expect(lineOf({ type: "state-changed", status, before })?.text).toBe(text);
});
