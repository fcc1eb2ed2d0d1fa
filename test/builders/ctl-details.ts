/** What hosts answer, with everything filled in. */
import type { EventRow } from "../../src/api/event-shapes.ts";
import type { DeploymentRow, ServiceDetails } from "../../src/api/shapes.ts";

export const hashOf = (digit: string): string => digit.repeat(40);

/** A service that is well, but for what is said. */
export function aDetails(changes: Partial<ServiceDetails> = {}): ServiceDetails {
  return {
    service: "nginx",
    commit: hashOf("a"),
    subject: "nginx: larger pages",
    committedAt: "2026-03-03T12:00:00Z",
    state: "OK",
    info: "",
    changedAt: "2026-03-04T12:00:00Z",
    held: null,
    waiting: null,
    bad: null,
    upstream: "https://git.example.org/config.git",
    branch: "main",
    tip: hashOf("a"),
    behind: 0,
    drift: "",
    busy: false,
    deploying: null,
    lookedAt: "2026-03-05T11:59:00Z",
    nextLookAt: "2026-03-05T12:04:00Z",
    checkout: "/srv/gitopper/nginx",
    user: "root",
    action: "reload",
    unit: { active: "active", sub: "running", since: "2026-03-01T12:00:00Z", restarts: 0 },
    links: [],
    ...changes,
  };
}

export function aBadCommit(verdict: BadCommit["verdict"]): BadCommit {
  return { commit: hashOf("c"), verdict, reason: "no", at: "2026-03-05T11:00:00Z" };
}

type BadCommit = NonNullable<ServiceDetails["bad"]>;

export function aDeployment(changes: Partial<DeploymentRow> = {}): DeploymentRow {
  return {
    id: 7,
    service: "nginx",
    from: hashOf("b"),
    to: hashOf("a"),
    trigger: "poll",
    result: "done",
    reason: "",
    failedAt: null,
    output: null,
    journal: null,
    startedAt: "2026-03-04T12:00:00Z",
    tookMs: 1_234,
    tries: 1,
    ...changes,
  };
}

/** A step of a deployment of `bbbb…` that is under way. */
export function aStep(step: Deploying["step"], changes: Partial<Omit<Deploying, "step">> = {}): Deploying {
  return {
    commit: hashOf("b"),
    trigger: "pull",
    step,
    detail: "",
    since: "2026-03-05T12:00:00Z",
    seconds: 0,
    probe: "",
    ...changes,
  };
}

type Deploying = NonNullable<ServiceDetails["deploying"]>;

export function anEvent(changes: Partial<EventRow> = {}): EventRow {
  return {
    id: 1,
    at: "2026-03-05T11:00:00Z",
    type: "state-changed",
    service: "nginx",
    text: "nginx is OK",
    commit: hashOf("a"),
    state: "OK",
    ...changes,
  };
}

/** The answer for a key; of a list the next one. */
export function shapeless(answers: Readonly<Record<string, unknown>>, key: string, time: number): unknown {
  const value = answers[key];
  return Array.isArray(value) ? value[Math.min(time, value.length - 1)] : value;
}
