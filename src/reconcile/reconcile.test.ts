import { expect, test } from "vitest";
import { aSettledDaemon, FakeDaemon } from "../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../test/builders/observed.ts";
import { HostFault, Problem } from "../model/problem.ts";
import { reasonOf } from "../model/state.ts";

test("a first deployment makes checkout and mounts, and starts and enables the unit", async () => {
  const daemon = new FakeDaemon();
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual([
    ...["add-checkout", "stage app/etc", "stage app/app.conf"],
    ...["mount /etc/app", "mount /etc/app.conf", "systemctl start", "systemctl enable", "verify"],
  ]);
  const first = daemon.upstream.tip;
  expect(daemon.record).toMatchObject({
    commit: first,
    phase: { at: "verified", head: first },
    enabled: true,
  });
  expect(daemon.shown).toEqual(["OK", ""]);
  expect(daemon.history()).toEqual(["1 poll done"]);
  expect([...daemon.host.read.values()]).toEqual(["e1", "c1"]);
});

test("a reconcile without news does nothing, and writes nothing", async () => {
  const daemon = await aSettledDaemon();
  await daemon.reconcile();
  expect(daemon.host.power.spent).toEqual([]);
});

test("a new commit is published, and the unit reloads", async () => {
  const daemon = await aSettledDaemon();
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual(["stage", "publish app/etc", "systemctl reload", "verify", "head"]);
  expect(daemon.host.read.get(etc.local)).toBe("e2");
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
  expect(daemon.history()).toEqual(["2 poll done", "1 poll done"]);
});

test("a changed file of a single-file link is mounted again", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [conf.link]: "c2" });
  expect(daemon.host.done()).toContain("mount /etc/app.conf");
  expect(daemon.host.done()).not.toContain("mount /etc/app");
  expect(daemon.host.read.get(conf.local)).toBe("c2");
});

test("a commit that is refused touches nothing of the host and is not tried again", async () => {
  const daemon = await aSettledDaemon({
    check: { commands: [["true"]], user: null, timeoutMs: 1, network: false },
  });
  const first = daemon.upstream.tip;
  await daemon.push({ [etc.link]: "e2 refused" });
  expect(daemon.host.done()).toEqual(["stage", "check"]);
  expect(daemon.record).toMatchObject({ commit: first, phase: { at: "verified", head: first } });
  expect(daemon.shown).toEqual(["DIFF", "REFUSED 00000002: the check ended with status 1"]);
  expect(daemon.history()).toEqual(["2 poll failed check", "1 poll done"]);
  await daemon.reconcile();
  expect(daemon.history()).toHaveLength(2);
});

test("a commit that git does not bring is refused as well, without a check", async () => {
  const daemon = await aSettledDaemon();
  const { phase } = daemon.record;
  await daemon.push({ [etc.link]: "odd" });
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.record.phase).toEqual(phase);
  expect(daemon.shown).toEqual(["DIFF", "REFUSED 00000002: it has a submodule"]);
  expect(daemon.history()).toEqual(["2 poll failed check", "1 poll done"]);
});

test.each([
  ["health", "unwell", "the service is unwell"],
  ["unit", "breaks", "Cannot reload the unit: it breaks"],
])("a commit that fails at %s is left for the old one at once", async (failedAt, word, why) => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  await daemon.push({ [etc.link]: `e2 ${word}` });
  expect(daemon.history()).toEqual(["1 revert done", `2 poll failed ${failedAt}`, "1 poll done"]);
  expect(daemon.shown).toEqual(["DIFF", `ROLLED BACK from 00000002: ${why}`]);
  expect(daemon.host.textAt(etc.link)).toBe("e1");
  expect(daemon.host.read.get(etc.local)).toBe("e1");
  expect(daemon.record).toMatchObject({ commit: first, phase: { at: "verified", head: first } });
});

test("the commit after a bad one is deployed, and makes the service OK", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [etc.link]: "e2 unwell" });
  const third = await daemon.push({ [etc.link]: "e3" });
  expect(daemon.record.commit).toBe(third);
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("another commit with the same content as a bad one is not tried", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.host.power.spent.length = 0;
  await daemon.push({ elsewhere: "x" });
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.history()).toHaveLength(3);
});

test("bad commits that are cleared are tried again", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.records.clearBadCommits("app");
  await daemon.reconcile({ trigger: "pull", by: "ann" });
  expect(daemon.history().slice(0, 2)).toEqual(["1 revert done", "2 pull failed health"]);
});

test("where the config says stay, the bad commit stays, and is tried again", async () => {
  const daemon = await aSettledDaemon({ health: { settleMs: 0, probes: [], onFailure: "stay" } });
  const second = await daemon.push({ [etc.link]: "e2 unwell" });
  expect(daemon.shown).toEqual(["BROKEN", "the service is unwell"]);
  expect(daemon.record.phase).toMatchObject({ at: "told", head: second, to: second, result: "failed" });
  await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e2 unwell");
  expect(daemon.history()).toEqual(["2 poll failed health", "1 poll done"]);
});

test("an old commit that is unwell as well is not left for another one", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("verify", () => {
    throw new Problem("host", "the disk of the database is full");
  });
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.shown).toEqual([
    "BROKEN",
    "the disk of the database is full; ROLLED BACK from 00000002: the disk of the database is full",
  ]);
  for (let again = 0; again < 3; again += 1) await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e1");
  expect(daemon.history().filter((row) => row.startsWith("2"))).toEqual(["2 poll failed health"]);
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.record.phase.at).toBe("verified");
});

test("a unit that the host lacks is not held against the commit", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("systemctl reload", () => {
    throw new HostFault("the unit does not exist", { code: "unit-missing" });
  });
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.shown).toEqual(["BROKEN", "the unit does not exist"]);
  expect(daemon.records.hasBadCommits("app")).toBe(false);
  expect(daemon.record.phase).toMatchObject({ at: "published", head: second, result: "failed" });
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
  expect(daemon.host.read.get(etc.local)).toBe("e2");
});

test("an upstream that cannot be reached leaves the service at what it has, and says why", async () => {
  const daemon = await aSettledDaemon();
  const problem = new Problem("git", "no route to host");
  await daemon.reconcile({ view: { is: "unreachable", problem } });
  expect(daemon.shown).toEqual(["DIFF", "no route to host"]);
  expect(daemon.host.done()).toEqual([]);
  await daemon.reconcile({ view: { is: "unasked" } });
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("a commit without a link of the service is not deployed", async () => {
  const daemon = new FakeDaemon({}, { [etc.link]: "e1" });
  await daemon.reconcile();
  expect(reasonOf(daemon.record.state)).toBe("link-missing");
  expect(daemon.host.done()).toEqual([]);
});

test("a reconcile of a daemon that stops changes no state", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("publish app/etc", () => daemon.stop());
  const before = daemon.record.state;
  await daemon.push({ [etc.link]: "e2 unwell" });
  expect(daemon.record.state).toBe(before);
});

test("a commit that is refused after a kill during its check does not make the unit reload", async () => {
  const daemon = await aSettledDaemon({
    check: { commands: [["true"]], user: null, timeoutMs: 1, network: false },
  });
  const { phase } = daemon.record;
  daemon.host.hooks.set("check", () => daemon.stop());
  await daemon.push({ [etc.link]: "e2 refused" });
  daemon.host.hooks.clear();
  daemon.restart();
  daemon.host.power.spent.length = 0;
  for (let again = 0; again < 2; again += 1) await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["stage", "check"]);
  expect(daemon.record.phase).toEqual(phase);
});
