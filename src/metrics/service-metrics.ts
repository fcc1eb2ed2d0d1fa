/** The metrics of services: each has one info series, and none after it has left the config. */
import type { Registry } from "prom-client";
import { type Deployment, deploymentResults } from "../model/deployment/deployment.ts";
import type { Progress } from "../model/deployment/progress.ts";
import type { ServiceStatus } from "../model/event.ts";
import { holdOf, reasonOf, stateNames } from "../model/state.ts";
import { metricsIn } from "./metrics-in.ts";

/** Adds them to a registry. The ages of freezes and deployments are computed at the scrape, by `now`. */
export function createServiceMetrics(registry: Registry, now = () => new Date()) {
  const statuses = new Map<string, ServiceStatus>();
  const progresses = new Map<string, Progress>();
  addStates(registry, statuses);
  const { unitActive, deployments, duration } = createMeters(registry);
  addAges(registry, { statuses, progresses, now });
  return {
    changed(status: ServiceStatus): void {
      const { service } = status;
      statuses.set(service, status);
      // A counter that starts at 0 lets `increase()` see the first deployment.
      for (const result of deploymentResults) deployments.inc({ service, result }, 0);
    },
    deployed({ service, result, tookMs }: Deployment): void {
      deployments.inc({ service, result });
      duration.set({ service }, tookMs / 1000);
    },
    progressed: (progress: Progress) => void progresses.set(progress.service, progress),
    /** Its deployment has ended. */
    progressEnded: (service: string) => void progresses.delete(service),
    unitSeen: (service: string, active: boolean) => unitActive.set({ service }, Number(active)),
    removed(service: string): void {
      statuses.delete(service);
      for (const gauge of [duration, unitActive]) gauge.remove({ service });
      for (const result of deploymentResults) deployments.remove({ service, result });
    },
  };
}

function addStates(registry: Registry, statuses: ReadonlyMap<string, ServiceStatus>): void {
  const { scraped } = metricsIn(registry);
  const all = () => [...statuses.values()];
  const states = stateNames.map((name, number) => `${number} ${name}`).join(", ");
  scraped(
    "gitopper_service_info",
    "The commit and the state of the service; always 1.",
    ["service", "hash", "state"],
    () => all().map(({ service, commit, state }) => [{ service, hash: commit ?? "", state: state.name }, 1]),
  );
  scraped("gitopper_service_state", `The state of the service: ${states}.`, ["service"], () =>
    all().map(({ service, state }) => [{ service }, stateNames.indexOf(state.name)]),
  );
  scraped(
    "gitopper_service_state_reason",
    "The reason code of the state, as listed in docs/operate.md; always 1. Absent without a problem.",
    ["service", "reason"],
    () =>
      all().flatMap(({ service, state }) => {
        const reason = reasonOf(state);
        return reason === null ? [] : [[{ service, reason }, 1]];
      }),
  );
  scraped(
    "gitopper_service_change_time_seconds",
    "The Unix time of the last state change of the service.",
    ["service"],
    () => all().map(({ service, changedAt }) => [{ service }, changedAt.getTime() / 1000]),
  );
}

function createMeters(registry: Registry) {
  const { counter, gauge } = metricsIn(registry);
  return {
    unitActive: gauge(
      "gitopper_unit_active",
      "1 if the unit of the service is active, otherwise 0; absent for services without an action.",
      ["service"],
    ),
    deployments: counter(
      "gitopper_deployments_total",
      `Deployments of the service, by result: ${deploymentResults.join(", ")}.`,
      ["service", "result"],
    ),
    duration: gauge(
      "gitopper_deployment_duration_seconds",
      "The duration of the last deployment of the service.",
      ["service"],
    ),
  };
}

interface Aging {
  readonly statuses: ReadonlyMap<string, ServiceStatus>;
  readonly progresses: ReadonlyMap<string, Progress>;
  readonly now: () => Date;
}

function addAges(registry: Registry, { statuses, progresses, now }: Aging): void {
  const { scraped } = metricsIn(registry);
  const secondsSince = (at: Date) => (now().getTime() - at.getTime()) / 1_000;
  scraped(
    "gitopper_service_freeze_age_seconds",
    "How long the service has been held (frozen or rolled back); absent while it follows upstream.",
    ["service"],
    () =>
      [...statuses.values()].flatMap(({ service, state }) => {
        const hold = holdOf(state);
        return hold === null ? [] : [[{ service }, secondsSince(hold.since)]];
      }),
  );
  scraped(
    "gitopper_service_deploying_seconds",
    "How long the deployment of the commit `hash` has been running; `step` is its current step. Absent without a deployment.",
    ["service", "hash", "step"],
    () =>
      [...progresses.values()].map(({ service, commit: hash, step, since }) => [
        { service, hash, step },
        secondsSince(since),
      ]),
  );
}
