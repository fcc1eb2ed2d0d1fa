import Registry from "prom-client/lib/registry.js";
import { expect, test } from "vitest";
import type { Commit } from "../model/commit.ts";
import { reasonCodes } from "../model/reason/state-reason.ts";
import type { Hold, ServiceState } from "../model/state.ts";
import { createServiceMetrics } from "./service-metrics.ts";

const since = new Date("2026-11-24T12:00:00Z");
const hold: Hold = { kind: "freeze", commit: null, by: "root", reason: "", since, until: null };

test("the age of a freeze grows from scrape to scrape, in every state that is held, and ends with it", async () => {
  const registry = new Registry();
  let now = new Date(since.getTime() + 90_000);
  const metrics = createServiceMetrics(registry, () => now);
  const enter = (service: string, state: ServiceState) =>
    metrics.changed({ service, commit: "a".repeat(40) as Commit, state, changedAt: now });
  const ages = async () =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith("gitopper_service_freeze_age"));

  enter("plain", { name: "OK", drift: "" });
  enter("app", { name: "FREEZE", hold, drift: "" });
  enter("web", { name: "BROKEN", reason: "no", code: "unit-failed", hold });
  expect(await ages()).toEqual([
    'gitopper_service_freeze_age_seconds{service="app"} 90',
    'gitopper_service_freeze_age_seconds{service="web"} 90',
  ]);
  now = new Date(since.getTime() + 3_600_000);
  expect(await ages()).toContain('gitopper_service_freeze_age_seconds{service="app"} 3600');
  enter("app", { name: "OK", drift: "" });
  metrics.removed("web");
  expect(await ages()).toEqual([]);
});

test("a service has one series of its reason, and none while all is well or when it has left the config", async () => {
  const registry = new Registry();
  const metrics = createServiceMetrics(registry);
  const enter = (state: ServiceState) =>
    metrics.changed({ service: "app", commit: "a".repeat(40) as Commit, state, changedAt: since });
  const reasons = async () => {
    const lines = (await registry.metrics()).split("\n");
    return lines.filter((line) => line.startsWith("gitopper_service_state_reason{"));
  };
  const seriesOf = (reason: string) => [`gitopper_service_state_reason{service="app",reason="${reason}"} 1`];

  for (const code of reasonCodes) {
    enter({ name: "DIFF", reason: "text for people", code, hold: null });
    expect(await reasons()).toEqual(seriesOf(code));
  }
  enter({ name: "OK", drift: "drift: x", code: "unit-stopped" });
  expect(await reasons()).toEqual(seriesOf("unit-stopped"));
  enter({ name: "FREEZE", hold, drift: "" });
  expect(await reasons()).toEqual(seriesOf("frozen"));
  enter({ name: "OK", drift: "" });
  expect(await reasons()).toEqual([]);
  enter({ name: "DIFF", reason: "", code: "refused", hold: null });
  metrics.removed("app");
  expect(await reasons()).toEqual([]);
});
