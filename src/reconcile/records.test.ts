import { expect, test } from "vitest";
import { FakeDaemon } from "../../test/builders/fake-daemon.ts";
import { old, target } from "../../test/builders/observed.ts";
import { noFiles } from "../model/deployment/phase.ts";
import type { AbsPath } from "../model/path.ts";
import type { StateEvent } from "../rollout/next.ts";

const place = { checkout: "/srv/app" as AbsPath, store: "/stores/config" as AbsPath, user: "root" };
const poll = { service: "app", from: null, to: target, trigger: "poll", by: "", mounts: [] } as const;
const startedAt = new Date("2026-11-28T10:00:00Z");
const publishing = { at: "publishing", to: target, result: "running" } as const;
const told = { at: "told", to: target, result: "failed", head: target } as const;
const ended = {
  ...poll,
  result: "failed",
  reason: "no",
  failedAt: "health",
  evidence: null,
  startedAt,
  tookMs: 1,
} as const;
const reached = { commit: old, origin: "x main", phase: { at: "verified", head: old }, links: "[]" } as const;

/** Records whose service has a commit; events from then on. */
async function recordsAt() {
  const daemon = new FakeDaemon();
  const { records, events } = daemon;
  await records.end(
    await records.begin({ ...poll, startedAt, phase: publishing }),
    { ...ended, result: "done", failedAt: null },
    reached,
  );
  events.length = 0;
  daemon.host.power.spent.length = 0;
  return daemon;
}
/** What a daemon that starts now knows of the service. */
const afterRestart = (daemon: FakeDaemon) => daemon.live().records.get("app");

test("a service that is new has no files", () => {
  const { records } = new FakeDaemon();
  records.register("web", place);
  expect(records.get("web")).toMatchObject({
    commit: null,
    phase: noFiles,
    links: "",
    state: { name: "OK" },
  });
  expect(() => records.get("cron")).toThrow("No record of service cron");
});

test("a service that is known keeps its record, and is not written again", async () => {
  const daemon = await recordsAt();
  const before = daemon.record;
  daemon.records.register("app", place);
  expect(daemon.record).toEqual(before);
  expect(daemon.host.power.spent).toEqual([]);
});

test("a checkout that is to be elsewhere has no files there yet", async () => {
  const { records } = await recordsAt();
  records.register("app", { ...place, checkout: "/srv/other" as AbsPath });
  expect(records.get("app")).toMatchObject({
    commit: old,
    phase: noFiles,
    links: "",
    checkout: "/srv/other",
  });
});

test("a change of state is durable and reported once", async () => {
  const daemon = await recordsAt();
  const event: StateEvent = { type: "failed", part: "host", reason: "no", code: "unit-failed", target: old };
  daemon.records.apply("app", event);
  daemon.records.apply("app", event);
  expect(daemon.events).toMatchObject([{ type: "state-changed", status: { state: { name: "BROKEN" } } }]);
  expect(afterRestart(daemon).state).toMatchObject({ name: "BROKEN", reason: "no" });
});

test("a failure is known though it cannot be written, and nothing else is", async () => {
  const daemon = await recordsAt();
  daemon.host.power.cutAfter(0);
  daemon.records.apply("app", {
    type: "failed",
    part: "host",
    reason: "full",
    code: "disk-full",
    target: old,
  });
  expect(daemon.record.state).toMatchObject({ name: "BROKEN" });
  const settled: StateEvent = { type: "settled", commit: old, drift: "" };
  expect(() => daemon.records.apply("app", settled)).toThrow("killed");
  expect(() => daemon.freeze()).toThrow("killed");
  expect(daemon.record.state).toMatchObject({ name: "BROKEN", hold: null });
  daemon.restart();
  expect(daemon.record.state.name).toBe("OK");
});

test("a commit that only moves the record tells so, with the one before", async () => {
  const daemon = await recordsAt();
  daemon.records.moved([{ service: "app", commit: target, origin: "x main" }]);
  expect(daemon.events).toMatchObject([{ type: "state-changed", status: { commit: target } }]);
  expect(afterRestart(daemon)).toMatchObject({ commit: target, phase: { at: "verified", head: old } });
});

test("many records move with one write, or none without a move", async () => {
  const daemon = await recordsAt();
  daemon.records.register("web", place);
  daemon.host.power.spent.length = 0;
  const moves = ["app", "web"].map((service) => ({ service, commit: target, origin: "x main" }));
  daemon.records.moved([]);
  daemon.records.moved(moves);
  expect(daemon.host.power.spent).toEqual(["write"]);
  expect(daemon.live().records.get("web").commit).toBe(target);
});

test("records that move and cannot be written stay, all of them, for the next poll to move", async () => {
  const daemon = await recordsAt();
  daemon.records.register("web", place);
  daemon.events.length = 0;
  daemon.host.power.cutAfter(0);
  const moves = ["app", "web"].map((service) => ({ service, commit: target, origin: "x main" }));
  expect(() => daemon.records.moved(moves)).toThrow("killed");
  expect([daemon.record.commit, daemon.records.get("web").commit, daemon.events]).toEqual([old, null, []]);
});

test("the phase of a deployment is durable from its begin on", async () => {
  const daemon = await recordsAt();
  await daemon.records.begin({ ...poll, from: old, startedAt, phase: publishing });
  expect(daemon.record.phase).toEqual(publishing);
  expect(afterRestart(daemon)).toMatchObject({ commit: old, phase: publishing });
});

test("a checkout that changes outside of a deployment is of no commit, and written once", async () => {
  const daemon = await recordsAt();
  daemon.records.markCheckoutDirty("app");
  daemon.records.markCheckoutDirty("app");
  const dirty = { at: "publishing", to: old, result: "interrupted" };
  expect(daemon.host.power.spent).toEqual(["write"]);
  expect([daemon.record.phase, afterRestart(daemon).phase]).toEqual([dirty, dirty]);
});

test("a deployment that cannot be written is known until the daemon ends", async () => {
  const daemon = await recordsAt();
  const phase = { at: "published", to: old, head: old, result: "running" } as const;
  daemon.records.beginUnwritten({ service: "app", phase });
  expect(daemon.record.phase).toEqual(phase);
  expect(daemon.host.power.spent).toEqual([]);
});

test("the commit that others see is that of the files, though the service was not well with it", async () => {
  const daemon = await recordsAt();
  const id = await daemon.records.begin({ ...poll, from: old, startedAt, phase: publishing });
  expect(daemon.records.status("app").commit).toBe(old);
  await daemon.records.end(id, ended, { ...reached, phase: told });
  expect(daemon.records.status("app").commit).toBe(target);
  expect(daemon.record.commit).toBe(old);
  expect(daemon.events.map(({ type }) => type)).toEqual(["deployment-ended", "state-changed"]);
});

test("the end of a deployment, its record and its bad commit are written together", async () => {
  const daemon = await recordsAt();
  const id = await daemon.records.begin({ ...poll, from: old, startedAt, phase: publishing });
  const bad = { commit: target, verdict: "ROLLED BACK", reason: "no", at: startedAt } as const;
  const end = () => daemon.records.end(id, ended, { ...reached, phase: told }, { fingerprint: "f", bad });
  daemon.host.power.cutAfter(0);
  await expect(end()).rejects.toThrow("killed");
  expect([daemon.record.phase, daemon.records.hasBadCommits("app")]).toEqual([publishing, false]);
  daemon.host.power.restore();
  daemon.host.power.spent.length = 0;
  await end();
  expect(daemon.host.power.spent).toEqual(["write"]);
  expect(daemon.live().records.badCommit("app", "f")).toEqual(bad);
  expect(afterRestart(daemon).phase).toEqual(told);
  daemon.records.clearBadCommits("app");
  expect(daemon.live().records.hasBadCommits("app")).toBe(false);
});

test("since when a service has its commit does not change with a deployment of the same", async () => {
  const daemon = await recordsAt();
  const since = daemon.record.changedAt;
  daemon.clock.advance(5_000);
  await daemon.records.end(
    await daemon.records.begin({ ...poll, startedAt, phase: publishing }),
    ended,
    reached,
  );
  expect(daemon.record.changedAt).toEqual(since);
  await daemon.records.end(await daemon.records.begin({ ...poll, startedAt, phase: publishing }), ended, {
    ...reached,
    commit: target,
  });
  expect(daemon.record.changedAt.getTime() - since.getTime()).toBe(5_000);
});

test("whether the unit is enabled is written when it changes", async () => {
  const daemon = await recordsAt();
  daemon.records.enabled("app", false);
  expect(daemon.host.power.spent).toEqual([]);
  daemon.records.enabled("app", true);
  expect(afterRestart(daemon).enabled).toBe(true);
});

test("what services write in the same turn is one write, and a change that is none is not written", async () => {
  const daemon = await recordsAt();
  const { records } = daemon;
  for (const name of ["web", "db"]) records.register(name, place);
  daemon.host.power.spent.length = 0;
  const begin = (service: string) =>
    records.begin({ ...poll, service, from: old, startedAt, phase: publishing });
  const [app, web] = await Promise.all([begin("app"), begin("web")]);
  expect(daemon.host.power.spent).toEqual(["write"]);
  expect(afterRestart(daemon).phase).toEqual(publishing);
  const failed: StateEvent = { type: "failed", part: "host", reason: "no", code: "unit-failed", target: old };
  const end = (id: number, service: string) => records.end(id, { ...ended, service }, reached);
  await Promise.all([end(app, "app"), end(web, "web"), records.applySoon("db", failed)]);
  await records.applySoon("db", failed);
  expect(daemon.host.power.spent).toEqual(["write", "write"]);
  expect(daemon.live().records.get("web").commit).toBe(old);
  expect(daemon.live().records.get("db").state.name).toBe("BROKEN");
});

test("a failure that cannot be written soon is known as well", async () => {
  const daemon = await recordsAt();
  daemon.host.power.cutAfter(0);
  const failed: StateEvent = { type: "failed", part: "host", reason: "no", code: "disk-full", target: old };
  await daemon.records.applySoon("app", failed);
  expect(daemon.record.state).toMatchObject({ name: "BROKEN" });
  const settled: StateEvent = { type: "settled", commit: old, drift: "" };
  await expect(daemon.records.applySoon("app", settled)).rejects.toThrow("killed");
});

test("a service that leaves the config is forgotten with its running deployment, and its history stays", async () => {
  const daemon = await recordsAt();
  await daemon.records.begin({ ...poll, from: old, startedAt, phase: publishing });
  daemon.records.forget("app");
  expect(daemon.events.at(-1)).toEqual({ type: "service-removed", service: "app" });
  expect(daemon.records.records()).toEqual([]);
  expect(daemon.running).toBe(0);
  expect(daemon.records.deployments("app", { before: null, limit: 9 })).toHaveLength(1);
});
