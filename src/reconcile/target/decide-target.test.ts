import { describe, expect, test } from "vitest";
import { aSettledDaemon, FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../../test/builders/observed.ts";
import { Problem } from "../../model/problem.ts";
import type { Gate } from "../../rollout/gates/gate.ts";
import { requestOf } from "../reconcile-request.ts";
import { wouldDeploy } from "./decide-target.ts";

const opensAt = new Date("2026-11-29T02:00:00Z");
const closed: Gate = { ask: () => ({ open: false, opensAt, why: "a window" }) };
const decide = (daemon: FakeDaemon, overrideWindow = false) =>
  daemon.stages.decide(daemon.managed, daemon.upstream.view(), { overrideWindow });
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

test("a service follows its branch", async () => {
  const daemon = await aSettledDaemon();
  const second = daemon.upstream.push({ [etc.link]: "e2" });
  expect(await decide(daemon)).toMatchObject({ commit: second, problem: null, waiting: null });
});

test("a service without files and without a branch has nothing to go to", async () => {
  const daemon = new FakeDaemon();
  const view = { is: "known", tips: new Map() } as const;
  const decided = await daemon.stages.decide(daemon.managed, view);
  expect(decided).toMatchObject({ commit: null, problem: { code: "branch-missing" } });
});

test("a branch that is gone leaves the service at what it has", async () => {
  const daemon = await aSettledDaemon();
  const decided = await daemon.stages.decide(daemon.managed, { is: "known", tips: new Map() });
  expect(decided).toMatchObject({ commit: daemon.upstream.tip, problem: { code: "branch-missing" } });
});

test("a held service stays where it is held, whatever upstream has", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  await daemon.push({ [etc.link]: "e2" });
  daemon.rollback(first);
  expect((await decide(daemon)).commit).toBe(first);
});

test("a branch that went back to an older commit is not followed", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  const second = await daemon.push({ [etc.link]: "e2" });
  daemon.upstream.reset(first);
  const decided = await decide(daemon);
  expect(decided).toMatchObject({ commit: second, problem: { code: "went-back" } });
  expect(decided.problem?.message).toContain('"main" went back to 00000001, which is older than 00000002');
});

test("a rewritten history is noted, and with fast_forward_only not followed", async () => {
  for (const fastForwardOnly of [false, true]) {
    const daemon = await aSettledDaemon({ fastForwardOnly });
    const first = daemon.upstream.tip;
    const other = daemon.upstream.push({ [etc.link]: "e2", [conf.link]: "c1" }, null);
    const { commit, problem, note } = await decide(daemon);
    expect(commit).toBe(fastForwardOnly ? first : other);
    expect(problem?.code).toBe(fastForwardOnly ? "history-rewritten" : undefined);
    if (!fastForwardOnly) expect(await note()).toContain("was rewritten");
  }
});

test("with fast_forward_only a descendant is followed without a note", async () => {
  const daemon = await aSettledDaemon({ fastForwardOnly: true });
  const second = daemon.upstream.push({ [etc.link]: "e2" });
  const { commit, note } = await decide(daemon);
  expect([commit, await note()]).toEqual([second, ""]);
});

test("a commit that is not signed is refused before anything is staged, and is not remembered as bad", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  daemon.upstream.push({ [etc.link]: "e2 unsigned" });
  const decided = await decide(daemon);
  expect(decided).toMatchObject({ commit: first, problem: { code: "unsigned" } });
  expect(decided.problem?.message).toBe("REFUSED 00000002: it is not signed");
  expect(daemon.records.hasBadCommits("app")).toBe(false);
});

test("a commit without a link is not gone to", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  daemon.upstream.push({ [conf.link]: "c2" }, null);
  expect(await decide(daemon)).toMatchObject({ commit: first, problem: { code: "link-missing" } });
});

describe("a closed window", () => {
  test("has a new commit wait", async () => {
    const daemon = await aSettledDaemon();
    const first = daemon.upstream.tip;
    daemon.gates.push(closed);
    const second = await daemon.push({ [etc.link]: "e2" });
    expect(await decide(daemon)).toMatchObject({
      ...{ commit: first, problem: null },
      waiting: { commit: second, until: opensAt, why: "a window" },
    });
    expect(daemon.shown[1]).toMatch(/^waiting for a window: 00000002 will be deployed at/);
    expect(daemon.host.done()).toEqual([]);
  });
  test("is overridden by a person", async () => {
    const daemon = await aSettledDaemon();
    daemon.gates.push(closed);
    const second = daemon.upstream.push({ [etc.link]: "e2" });
    await daemon.reconcile({ trigger: "pull", overrideWindow: true });
    expect(daemon.record.commit).toBe(second);
  });
  test("does not hold back a first commit, a rollback, or what does not touch the service", async () => {
    const daemon = new FakeDaemon();
    daemon.gates.push(closed);
    await daemon.reconcile();
    const first = daemon.upstream.tip;
    expect(daemon.record.commit).toBe(first);
    const second = await daemon.push({ elsewhere: "x" });
    expect(daemon.record.commit).toBe(second);
    daemon.rollback(first);
    await daemon.reconcile();
    expect(daemon.record.commit).toBe(first);
  });
  test("does not hold back a deployment that has begun", async () => {
    const daemon = await aSettledDaemon();
    daemon.host.hooks.set("publish app/etc", () => daemon.stop());
    const second = await daemon.push({ [etc.link]: "e2" });
    daemon.gates.push(closed);
    daemon.host.hooks.clear();
    daemon.restart();
    await daemon.reconcile();
    expect(daemon.record.commit).toBe(second);
  });
  test("holds back a commit whose deployment failed before its files were visible", async () => {
    const daemon = await aSettledDaemon();
    const first = daemon.upstream.tip;
    daemon.host.hooks.set("stage", () => {
      throw new Problem("host", "the disk is full");
    });
    await daemon.push({ [etc.link]: "e2" });
    daemon.host.hooks.clear();
    daemon.gates.push(closed);
    await daemon.reconcile();
    expect(daemon.record.commit).toBe(first);
    expect(daemon.shown[1]).toContain("waiting for a window");
  });
});

describe("while nothing newer can be had, a service stays at what is on its disk", () => {
  const unasked = (daemon: FakeDaemon) => daemon.stages.decide(daemon.managed, { is: "unasked" });

  test("although its unit has not taken it", async () => {
    const daemon = await aSettledDaemon({ health: { settleMs: 0, probes: [], onFailure: "stay" } });
    const second = await daemon.push({ [etc.link]: "e2 unwell" });
    expect((await unasked(daemon)).commit).toBe(second);
  });
  test("but not if it is to go back from there", async () => {
    const daemon = await aSettledDaemon();
    const first = daemon.upstream.tip;
    daemon.host.hooks.set("systemctl reload", () => {
      // The daemon dies when the commit has been found bad.
      daemon.host.hooks.delete("systemctl reload");
      daemon.host.hooks.set("stage", () => daemon.stop());
    });
    await daemon.push({ [etc.link]: "e2 unwell" });
    expect(daemon.host.textAt(etc.link)).toBe("e2 unwell");
    expect((await unasked(daemon)).commit).toBe(first);
  });
  test("and at its newest commit, where its files are those of an older one with the same content", async () => {
    const daemon = await aSettledDaemon();
    const second = await daemon.push({ elsewhere: "x" });
    daemon.host.mounts.delete(etc.local);
    daemon.host.hooks.set("verify", () => {
      throw new Problem("host", "the service is unwell");
    });
    await daemon.reconcile();
    expect(daemon.record.phase).toMatchObject({ at: "told", to: second, result: "failed" });
    expect((await unasked(daemon)).commit).toBe(second);
  });
  test("and at its commit, where its files are of none as a whole", async () => {
    const daemon = await aSettledDaemon();
    const first = daemon.upstream.tip;
    daemon.host.hooks.set("publish app/etc", () => daemon.stop());
    await daemon.push({ [etc.link]: "e2" });
    expect((await unasked(daemon)).commit).toBe(first);
  });
});

test("a commit would be deployed if the service went there now without a problem", async () => {
  const daemon = await aSettledDaemon();
  const { managed, upstream, stages } = daemon;
  const would = () =>
    wouldDeploy(upstream.view(), new Map([["app", requestOf("poll")]]), { ...stages, log })(
      managed,
      upstream.tip,
    );
  expect(await would()).toBe(true);
  upstream.push({ [etc.link]: "unsigned" });
  expect(await would()).toBe(false);
  upstream.push({ [etc.link]: "e3" });
  daemon.gates.push(closed);
  expect(await would()).toBe(false);
});
