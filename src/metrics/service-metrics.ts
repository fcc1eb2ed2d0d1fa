/** The metrics of services: each has one info series, and none after it has left the config. */
import type { Registry } from "prom-client";
import Gauge from "prom-client/lib/gauge.js";
import { type Deployment, deploymentResults } from "../model/deployment/deployment.ts";
import type { Progress } from "../model/deployment/progress.ts";
import type { ServiceStatus } from "../model/event.ts";
import { holdOf, reasonOf, stateNames } from "../model/state.ts";
import { metricsIn } from "./metrics-in.ts";

export interface ServiceMetrics {
  changed(status: ServiceStatus): void;
  deployed(deployment: Deployment): void;
  progressed(progress: Progress): void;
  /** Its deployment has ended. */
  progressEnded(service: string): void;
  unitSeen(service: string, active: boolean): void;
  removed(service: string): void;
}

type Labels = Readonly<Record<"service" | "hash" | "state", string>>;

/** Adds them to a registry. The age of a freeze is computed at the scrape, by `now`. */
export function createServiceMetrics(registry: Registry, now = () => new Date()): ServiceMetrics {
  const gauges = createGauges(registry);
  const heldSince = createFreezeAge(registry, now);
  const deploying = createDeploying(registry, now);
  const infos = new Map<string, Labels>();
  const reasons = new Map<string, Readonly<Record<"service" | "reason", string>>>();
  const forgetLabels = (service: string): void => {
    const [info, reason] = [infos.get(service), reasons.get(service)];
    if (info !== undefined) gauges.info.remove(info);
    if (reason !== undefined) gauges.reason.remove(reason);
    infos.delete(service);
    reasons.delete(service);
  };
  const setLabels = ({ service, commit, state }: ServiceStatus): void => {
    forgetLabels(service);
    const info = { service, hash: commit ?? "", state: state.name };
    infos.set(service, info);
    gauges.info.set(info, 1);
    const reason = reasonOf(state);
    if (reason === null) return;
    reasons.set(service, { service, reason });
    gauges.reason.set({ service, reason }, 1);
  };
  return {
    changed(status) {
      const { service, state } = status;
      setLabels(status);
      setState(gauges, status);
      const hold = holdOf(state);
      if (hold === null) heldSince.delete(service);
      else heldSince.set(service, hold.since);
    },
    deployed({ service, result, tookMs }) {
      gauges.deployments.inc({ service, result });
      gauges.duration.set({ service }, tookMs / 1000);
    },
    progressed(progress) {
      deploying.set(progress.service, progress);
    },
    progressEnded(service) {
      deploying.delete(service);
    },
    unitSeen(service, active) {
      gauges.unitActive.set({ service }, Number(active));
    },
    removed(service) {
      forgetLabels(service);
      heldSince.delete(service);
      const { state, changeTime, duration, unitActive } = gauges;
      for (const gauge of [state, changeTime, duration, unitActive]) gauge.remove({ service });
      for (const result of deploymentResults) gauges.deployments.remove({ service, result });
    },
  };
}

/** A counter that starts at 0 lets `increase()` see the first deployment. */
function setState(gauges: Gauges, { service, state, changedAt }: ServiceStatus): void {
  gauges.state.set({ service }, stateNames.indexOf(state.name));
  gauges.changeTime.set({ service }, changedAt.getTime() / 1000);
  for (const result of deploymentResults) gauges.deployments.inc({ service, result }, 0);
}

/** Since when each held service is held; others have no series. */
function createFreezeAge(registry: Registry, now: () => Date): Map<string, Date> {
  const heldSince = new Map<string, Date>();
  new Gauge({
    name: "gitopper_service_freeze_age_seconds",
    help: "How long the service has been held (frozen or rolled back); absent while it follows upstream.",
    labelNames: ["service"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [service, since] of heldSince)
        this.set({ service }, (now().getTime() - since.getTime()) / 1_000);
    },
  });
  return heldSince;
}

/** The running deployments. */
function createDeploying(registry: Registry, now: () => Date): Map<string, Progress> {
  const deploying = new Map<string, Progress>();
  new Gauge({
    name: "gitopper_service_deploying_seconds",
    help: "How long the deployment of the commit `hash` has been running; `step` is its current step. Absent without a deployment.",
    labelNames: ["service", "hash", "step"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { service, commit: hash, step, since } of deploying.values())
        this.set({ service, hash, step }, (now().getTime() - since.getTime()) / 1_000);
    },
  });
  return deploying;
}

type Gauges = ReturnType<typeof createGauges>;

function createGauges(registry: Registry) {
  const { counter, gauge } = metricsIn(registry);
  const states = stateNames.map((name, number) => `${number} ${name}`).join(", ");
  return {
    info: gauge("gitopper_service_info", "The commit and the state of the service; always 1.", [
      "service",
      "hash",
      "state",
    ]),
    state: gauge("gitopper_service_state", `The state of the service: ${states}.`, ["service"]),
    reason: gauge(
      "gitopper_service_state_reason",
      "The reason code of the state, as listed in docs/operate.md; always 1. Absent without a problem.",
      ["service", "reason"],
    ),
    changeTime: gauge(
      "gitopper_service_change_time_seconds",
      "The Unix time of the last state change of the service.",
      ["service"],
    ),
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
