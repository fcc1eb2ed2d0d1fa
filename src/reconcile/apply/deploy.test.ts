import { expect, test } from "vitest";
import { aSettledDaemon, FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../../test/builders/observed.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { HostFault, Problem } from "../../model/problem.ts";

const lastOf = (daemon: FakeDaemon) => daemon.records.deployments("app", { before: null, limit: 1 })[0];
const triesOf = (daemon: FakeDaemon) =>
  daemon.records.deployments("app", { before: null, limit: 9 }).map(({ tries }) => tries);

test.each(["stage", "publish app/etc"])(
  "a daemon that stops during %s goes on from there at its next start, without a further try",
  async (step) => {
    const daemon = await aSettledDaemon();
    daemon.host.hooks.set(step, () => daemon.stop());
    const second = await daemon.push({ [etc.link]: "e2" });
    expect(daemon.running).toBe(1);
    expect(daemon.history()).toEqual(["1 poll done"]);
    daemon.host.hooks.clear();
    daemon.restart();
    await daemon.reconcile();
    expect(daemon.history()).toEqual(["2 poll done", "1 poll done"]);
    expect(triesOf(daemon)).toEqual([1, 1]);
    expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
    expect(daemon.host.read.get(etc.local)).toBe("e2");
  },
);

test("a stop while the service settles proves nothing, and its unit is not reloaded again", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("verify", () => daemon.stop());
  const second = await daemon.push({ [etc.link]: "e2 unwell" });
  expect(lastOf(daemon)).toMatchObject({ to: second, result: "interrupted", failedAt: "health" });
  expect(daemon.record.phase).toMatchObject({ at: "told", head: second, result: "interrupted" });
  daemon.host.hooks.clear();
  daemon.restart();
  daemon.host.power.spent.length = 0;
  await daemon.reconcile();
  expect(daemon.host.done()[0]).toBe("verify");
  expect(daemon.history().slice(0, 2)).toEqual(["1 revert done", "2 poll failed health"]);
  expect(triesOf(daemon)).toEqual([1, 1, 1]);
});

test("a stop between the verb and the wait for health leaves only that wait to the next start", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("systemctl reload", () => daemon.stop());
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.record.phase).toMatchObject({ at: "told", head: second, result: "interrupted" });
  daemon.restart();
  daemon.host.power.spent.length = 0;
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["verify"]);
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
});

test("a daemon that was killed while the service settled has its unit reloaded again, because the next one cannot know", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("verify", () => {
    daemon.host.power.cutAfter(0);
    daemon.host.power.spend("the kill");
  });
  await daemon.push({ [etc.link]: "e2" }).catch(() => {});
  daemon.host.hooks.clear();
  daemon.restart();
  expect(daemon.record.phase).toMatchObject({ at: "publishing", result: "running" });
  daemon.host.power.spent.length = 0;
  await daemon.reconcile();
  expect(daemon.host.done()).toContain("systemctl reload");
  expect(daemon.history()).toEqual(["2 poll done", "1 poll done"]);
});

test("a freeze while the service settles leaves it unproven until it is let go", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("verify", () => {
    daemon.freeze();
    daemon.supersede("a freeze");
  });
  const second = await daemon.push({ [etc.link]: "e2" });
  daemon.host.hooks.clear();
  daemon.host.power.spent.length = 0;
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.shown).toEqual(["FREEZE", "by ann; 00000002 was frozen before it was known to be well"]);
  expect(daemon.record.commit).not.toBe(second);
  daemon.unfreeze();
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["verify"]);
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
});

test("an unproven commit that is unwell when it is let go is left for the old one", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("verify", () => {
    daemon.freeze();
    daemon.supersede("a freeze");
  });
  await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e2 unwell");
  daemon.unfreeze();
  await daemon.reconcile();
  expect(daemon.host.read.get(etc.local)).toBe("e1");
  expect(daemon.shown).toEqual(["DIFF", "ROLLED BACK from 00000002: the service is unwell"]);
});

test("files whose publishing cannot be ended are of no commit", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("head", () => {
    throw new Problem("host", "the disk is full");
  });
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.record.phase).toEqual({ at: "publishing", to: second, result: "failed" });
  expect(daemon.shown).toEqual(["BROKEN", "the disk is full"]);
  expect(lastOf(daemon)).toMatchObject({ result: "failed", failedAt: "files" });
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
  expect(daemon.history()).toEqual(["2 poll done", "1 poll done"]);
  expect(triesOf(daemon)).toEqual([2, 1]);
});

test("a failure of the host before the files are visible is tried again, and not held against the commit", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("stage", () => {
    throw new Problem("host", "the disk is full");
  });
  const second = await daemon.push({ [etc.link]: "e2" });
  for (let again = 0; again < 2; again += 1) await daemon.reconcile();
  expect(triesOf(daemon)).toEqual([3, 1]);
  expect(daemon.host.textAt(etc.link)).toBe("e1");
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.record.commit).toBe(second);
});

test("a commit that defines the unit is to blame where systemd does not take it", async () => {
  const units = { local: "/etc/systemd/system" as AbsPath, link: "units" as RepoPath, file: false };
  const daemon = await aSettledDaemon({ links: [units] }, { units: "u1" });
  daemon.host.hooks.set("systemctl reload", () => {
    daemon.host.hooks.clear();
    throw new HostFault("the unit does not exist", { code: "unit-missing" });
  });
  await daemon.push({ units: "u2" });
  expect(daemon.host.done()).toContain("check");
  expect(daemon.host.done()).toContain("daemon-reload");
  expect(daemon.shown).toEqual(["DIFF", "ROLLED BACK from 00000002: the unit does not exist"]);
  expect(daemon.host.textAt("units")).toBe("u1");
});

test("the progress of a deployment is there from its first step to its end", async () => {
  const daemon = await aSettledDaemon();
  const seen: unknown[] = [];
  for (const step of ["stage", "systemctl reload", "verify"])
    daemon.host.hooks.set(step, () => void seen.push(daemon.stages.underWays.progressOf("app")));
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(seen).toMatchObject([
    { commit: second, step: "fetch", trigger: "poll" },
    { step: "unit", detail: "systemctl reload" },
    { step: "health" },
  ]);
  expect(daemon.stages.underWays.progressOf("app")).toBeNull();
  expect(daemon.events.at(-1)).toMatchObject({ type: "progress-ended" });
});

test("the history has the reason of a person", async () => {
  const daemon = await aSettledDaemon();
  daemon.upstream.push({ [conf.link]: "c2" });
  await daemon.reconcile({ trigger: "pull", by: "ann", reason: "before the release" });
  expect(lastOf(daemon)).toMatchObject({ trigger: "pull", by: "ann", reason: "before the release" });
});

test("what the first mounts hide of the host is in the history and in the log", async () => {
  const daemon = new FakeDaemon();
  daemon.host.hides.set(etc.local, "2 files");
  await daemon.reconcile();
  expect(lastOf(daemon)?.reason).toBe("/etc/app hides 2 files");
  expect(daemon.logged.join("")).toContain("the mount at /etc/app hides 2 files");
});
