/** Events → Prometheus; the names are the original's, and a few of our own. */
import Gauge from "prom-client/lib/gauge.js";
import Registry from "prom-client/lib/registry.js";
import { anything, type Route, route } from "../api/route.ts";
import type { Event } from "../model/event.ts";
import { version } from "../model/version.ts";
import { webhookResults } from "../model/webhook.ts";
import { metricsIn } from "./metrics-in.ts";
import { createServiceMetrics, type ServiceMetrics } from "./service-metrics.ts";

export interface Metrics {
  observe(event: Event): void;
  /** The text of a scrape. */
  text(): Promise<string>;
  /** `GET /metrics`. */
  readonly route: Route;
}

/**
 * Metrics in their own registry, without prom-client's collectors, which wake the process all the time.
 * `damagedFiles` is called at each scrape.
 */
export function createMetrics(damagedFiles: () => number = () => 0): Metrics {
  const registry = new Registry();
  new Gauge({
    name: "gitopper_damaged_files",
    help: "The number of damaged state files that gitopper has renamed and that still exist.",
    registers: [registry],
    collect() {
      this.set(damagedFiles());
    },
  });
  const machine = createMachineMetrics(registry);
  const services = createServiceMetrics(registry);
  return {
    observe: (event) => observe(event, machine, services),
    text: () => registry.metrics(),
    route: metricsRoute(registry),
  };
}

type MachineMetrics = ReturnType<typeof createMachineMetrics>;

function createMachineMetrics(registry: Registry) {
  const { counter, gauge } = metricsIn(registry);
  gauge("gitopper_build_info", "The running version of gitopper; always 1.", ["version"]).set({ version }, 1);
  const authFailures = counter("gitopper_auth_failures_total", "Rejected credentials, by listener.", [
    "door",
  ]);
  // From 0, so that `increase()` sees the first one.
  for (const door of ["http", "https", "ssh"]) authFailures.inc({ door }, 0);
  return {
    authFailures,
    webhooks: counter(
      "gitopper_webhooks_total",
      "Received webhooks, by name (unknown: not in the config) and result.",
      ["webhook", "result"],
    ),
    storeBytes: gauge(
      "gitopper_store_bytes",
      "The size of a store; measured once a day and after repacking.",
      ["store"],
    ),
    storeMaxBytes: gauge("gitopper_store_limit_bytes", "The configured maximum size of a store."),
    gitOps: counter("gitopper_machine_git_ops_total", "Git commands run."),
    gitErrors: counter("gitopper_machine_git_errors_total", "Git commands that failed."),
  };
}

function observe(event: Event, machine: MachineMetrics, services: ServiceMetrics): void {
  switch (event.type) {
    case "git-ran":
      machine.gitOps.inc();
      if (!event.ok) machine.gitErrors.inc();
      break;
    case "state-changed":
      services.changed(event.status);
      break;
    case "deployment-ended":
      services.deployed(event.deployment);
      break;
    case "progress":
      services.progressed(event.progress);
      break;
    case "progress-ended":
      services.arrived(event.service);
      break;
    case "service-removed":
      services.removed(event.service);
      break;
    case "webhook-known":
      for (const result of webhookResults) machine.webhooks.inc({ webhook: event.webhook, result }, 0);
      break;
    case "webhook-received":
      machine.webhooks.inc({ webhook: event.webhook, result: event.result });
      break;
    case "unit-seen":
      services.unitSeen(event.service, event.active);
      break;
    case "store-measured":
      machine.storeBytes.set({ store: event.store }, event.bytes);
      machine.storeMaxBytes.set(event.maxBytes);
      break;
    case "login-refused":
      machine.authFailures.inc({ door: event.door });
  }
}

function metricsRoute(registry: Registry): Route {
  return route({
    method: "GET",
    path: "/metrics",
    role: "read",
    purpose: "The metrics, in the text format of Prometheus.",
    query: anything,
    body: anything,
    reply: null,
    handle: async () => ({ status: 200, contentType: registry.contentType, body: await registry.metrics() }),
  });
}
