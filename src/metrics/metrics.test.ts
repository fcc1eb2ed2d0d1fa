import { beforeEach, expect, test } from "vitest";
import { aHost } from "../../test/builders/a-host.ts";
import type { Reply } from "../api/route.ts";
import { type Commit, parseCommit } from "../model/commit.ts";
import type { Deployment } from "../model/deployment/deployment.ts";
import type { ServiceStatus } from "../model/event.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

const commit = (digit: string): Commit => parseCommit(digit.repeat(40)) as Commit;

const status: ServiceStatus = {
  service: "nginx",
  commit: commit("a"),
  state: { name: "OK", drift: "" },
  changedAt: new Date("2022-11-18T09:14:52Z"),
};

const deployment: Deployment = {
  service: "nginx",
  from: null,
  to: commit("a"),
  trigger: "poll",
  result: "done",
  by: "",
  reason: "",
  failedAt: null,
  evidence: null,
  startedAt: new Date(0),
  tookMs: 1_500,
};

let metrics: Metrics;
beforeEach(() => {
  metrics = createMetrics();
});

async function ask(): Promise<Reply> {
  const signal = new AbortController().signal;
  const caller = { who: "anyone", role: "read", door: "http", from: "", credential: "" } as const;
  return metrics.route.handle(aHost(), {
    params: {},
    query: {},
    body: {},
    caller,
    lastEventId: null,
    signal,
  });
}

/** The lines of a scrape that are not comments. */
async function scrape(): Promise<string[]> {
  return String((await ask()).body)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

const ofServices = (lines: string[]) => lines.filter((line) => line.includes("service="));

test("any caller may read it, in the text format", async () => {
  expect(metrics.route).toMatchObject({ method: "GET", path: "/metrics", role: "read" });
  expect(await ask()).toMatchObject({
    status: 200,
    contentType: expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  });
});

test("a service has one series of its info, whatever its commit and state become", async () => {
  metrics.observe({ type: "state-changed", status, before: null });
  const broken = { name: "BROKEN", reason: "", code: "unit-failed", hold: null } as const;
  metrics.observe({
    type: "state-changed",
    status: { ...status, commit: commit("b"), state: broken },
    before: null,
  });
  expect(ofServices(await scrape())).toEqual([
    `gitopper_service_info{service="nginx",hash="${commit("b")}",state="BROKEN"} 1`,
    'gitopper_service_state{service="nginx"} 3',
    'gitopper_service_state_reason{service="nginx",reason="unit-failed"} 1',
    'gitopper_service_change_time_seconds{service="nginx"} 1668762892',
    'gitopper_deployments_total{service="nginx",result="done"} 0',
    'gitopper_deployments_total{service="nginx",result="failed"} 0',
    'gitopper_deployments_total{service="nginx",result="superseded"} 0',
    'gitopper_deployments_total{service="nginx",result="interrupted"} 0',
  ]);
});

test("deployments are counted by result, and the last one's time is kept", async () => {
  metrics.observe({ type: "deployment-ended", deployment });
  metrics.observe({ type: "deployment-ended", deployment: { ...deployment, tookMs: 250 } });
  metrics.observe({ type: "deployment-ended", deployment: { ...deployment, result: "failed", tookMs: 500 } });
  expect(ofServices(await scrape())).toEqual([
    'gitopper_deployments_total{service="nginx",result="done"} 2',
    'gitopper_deployments_total{service="nginx",result="failed"} 1',
    'gitopper_deployment_duration_seconds{service="nginx"} 0.5',
  ]);
});

test("a running unit is 1, a stopped one is 0", async () => {
  metrics.observe({ type: "unit-seen", service: "nginx", active: true });
  expect(ofServices(await scrape())).toEqual(['gitopper_unit_active{service="nginx"} 1']);
  metrics.observe({ type: "unit-seen", service: "nginx", active: false });
  expect(ofServices(await scrape())).toEqual(['gitopper_unit_active{service="nginx"} 0']);
});

test("a service that left the config leaves nothing", async () => {
  metrics.observe({ type: "state-changed", status, before: null });
  metrics.observe({ type: "deployment-ended", deployment });
  metrics.observe({ type: "unit-seen", service: "nginx", active: true });
  metrics.observe({ type: "state-changed", status: { ...status, service: "caddy" }, before: null });
  metrics.observe({ type: "service-removed", service: "nginx" });
  const lines = await scrape();
  expect(lines.join("\n")).not.toContain("nginx");
  expect(lines.join("\n")).toContain('gitopper_service_state{service="caddy"} 0');
});

test("git's runs and failures are counted, from 0", async () => {
  const counters = async () => (await scrape()).filter((line) => line.startsWith("gitopper_machine"));
  expect(await counters()).toEqual([
    "gitopper_machine_git_ops_total 0",
    "gitopper_machine_git_errors_total 0",
  ]);
  metrics.observe({ type: "git-ran", ok: true });
  metrics.observe({ type: "git-ran", ok: false });
  expect(await counters()).toEqual([
    "gitopper_machine_git_ops_total 2",
    "gitopper_machine_git_errors_total 1",
  ]);
});

test("refused credentials are counted by listener, from 0", async () => {
  metrics.observe({ type: "login-refused", door: "https" });
  metrics.observe({ type: "login-refused", door: "https" });
  expect((await scrape()).filter((line) => line.startsWith("gitopper_auth"))).toEqual([
    'gitopper_auth_failures_total{door="http"} 0',
    'gitopper_auth_failures_total{door="https"} 2',
    'gitopper_auth_failures_total{door="ssh"} 0',
  ]);
});

test("webhooks are counted by name and result, from 0", async () => {
  metrics.observe({ type: "webhook-known", webhook: "github" });
  metrics.observe({ type: "webhook-received", webhook: "github", result: "woke" });
  metrics.observe({ type: "webhook-received", webhook: "unknown", result: "refused" });
  expect((await scrape()).filter((line) => line.startsWith("gitopper_webhooks"))).toEqual([
    'gitopper_webhooks_total{webhook="github",result="woke"} 1',
    'gitopper_webhooks_total{webhook="github",result="ignored"} 0',
    'gitopper_webhooks_total{webhook="github",result="repeated"} 0',
    'gitopper_webhooks_total{webhook="github",result="unreadable"} 0',
    'gitopper_webhooks_total{webhook="github",result="refused"} 0',
    'gitopper_webhooks_total{webhook="unknown",result="refused"} 1',
  ]);
});

test("two of them share nothing", async () => {
  createMetrics().observe({ type: "git-ran", ok: true });
  expect(await scrape()).toContain("gitopper_machine_git_ops_total 0");
});

test("prom-client's own collectors are off", async () => {
  expect((await scrape()).every((line) => line.startsWith("gitopper_"))).toBe(true);
});
