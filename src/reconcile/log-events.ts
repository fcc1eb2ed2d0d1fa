/** What happened, in a line for what people care about: for the log, and for the event log. */
import { shortCommit } from "../model/commit.ts";
import type { Deployment } from "../model/deployment/deployment.ts";
import type { Event, ServiceStatus } from "../model/event.ts";
import { hasFailed, infoOf, type ServiceState } from "../model/state.ts";
import type { Log } from "../platform/log.ts";

/** An event as people read it; null: it is not for them. */
export interface Line {
  readonly level: "info" | "warn";
  readonly service: string;
  readonly text: string;
}

export function lineOf(event: Event): Line | null {
  switch (event.type) {
    case "deployment-ended":
      return deploymentLine(event.deployment);
    case "state-changed":
      return event.before === null ? null : stateLine(event.status, event.before);
    case "service-removed":
      return { level: "info", service: event.service, text: "is no longer in the config" };
    default:
      return null;
  }
}

export function logEvent(event: Event, log: Log): void {
  // `daemon/departed.ts` logs a service that left the config, with what became of its files.
  const line = event.type === "service-removed" ? null : lineOf(event);
  if (line !== null) log[line.level]({ service: line.service }, line.text);
}

function stateLine({ service, state }: ServiceStatus, before: ServiceState): Line | null {
  const [info, old] = [infoOf(state), infoOf(before)];
  if (state.name === before.name && info === old) return null;
  const cleared = state.name === before.name ? `, cleared: ${old}` : "";
  const detail = info ? `: ${info}` : cleared;
  return {
    level: hasFailed(state) ? "warn" : "info",
    service,
    text: `${before.name === state.name ? "" : `${before.name} → `}${state.name}${detail}`,
  };
}

const results: Readonly<Record<Deployment["result"], string>> = {
  done: "deployed",
  failed: "could not deploy",
  superseded: "ended deploying",
  interrupted: "ended deploying",
};

function deploymentLine({ service, from, to, trigger, by, result, reason, tookMs }: Deployment): Line {
  const way = from === null || from === to ? shortCommit(to) : `${shortCommit(from)} → ${shortCommit(to)}`;
  const what = `${results[result]} ${way} (${by === "" ? trigger : `${trigger} by ${by}`}) in ${Math.round(tookMs)} ms`;
  if (result === "done") return { level: "info", service, text: reason ? `${what}; ${reason}` : what };
  return { level: result === "failed" ? "warn" : "info", service, text: `${what}: ${reason}` };
}
