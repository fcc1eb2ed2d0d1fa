/** Events → Prometheus; the names are the original's, and a few of our own. */
import Registry from "prom-client/lib/registry.js";
import { anything, type Route, route } from "../api/route.ts";
import type { Event } from "../model/event.ts";
import { version } from "../model/version.ts";
import { webhookResults } from "../model/webhook.ts";
import { metricsIn } from "./metrics-in.ts";
import { createServiceMetrics } from "./service-metrics.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Metrics in their own registry, without prom-client's collectors, which wake the process all the time.
 * `damagedFiles` is called at each scrape.
 */
export function createMetrics(damagedFiles: () => number = () => 0) {
  const registry = new Registry();
  metricsIn(registry).scraped(
    "gitopper_damaged_files",
    "The number of damaged state files that gitopper has renamed and that still exist.",
    [],
    () => [[{}, damagedFiles()]],
  );
  const handlers = createHandlers(createMachineMetrics(registry), createServiceMetrics(registry));
  return {
    observe: (event: Event) => (handlers[event.type] as (event: Event) => void)(event),
    /** The text of a scrape. */
    text: () => registry.metrics(),
    /** `GET /metrics`. */
    route: metricsRoute(registry),
  };
}

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

type Handlers = { readonly [T in Event["type"]]: (event: Extract<Event, { readonly type: T }>) => void };

/** A handler for each event: an event without one does not compile. */
function createHandlers(
  machine: ReturnType<typeof createMachineMetrics>,
  services: ReturnType<typeof createServiceMetrics>,
): Handlers {
  return {
    "git-ran": ({ ok }) => {
      machine.gitOps.inc();
      if (!ok) machine.gitErrors.inc();
    },
    "state-changed": ({ status }) => services.changed(status),
    "deployment-ended": ({ deployment }) => services.deployed(deployment),
    progress: ({ progress }) => services.progressed(progress),
    "progress-ended": ({ service }) => services.progressEnded(service),
    "service-removed": ({ service }) => services.removed(service),
    "webhook-known": ({ webhook }) => {
      for (const result of webhookResults) machine.webhooks.inc({ webhook, result }, 0);
    },
    "webhook-received": ({ webhook, result }) => machine.webhooks.inc({ webhook, result }),
    "unit-seen": ({ service, active }) => services.unitSeen(service, active),
    "store-measured": ({ store, bytes, maxBytes }) => {
      machine.storeBytes.set({ store }, bytes);
      machine.storeMaxBytes.set(maxBytes);
    },
    "login-refused": ({ door }) => machine.authFailures.inc({ door }),
  };
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
