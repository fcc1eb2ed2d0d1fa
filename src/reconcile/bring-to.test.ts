import { expect, test } from "vitest";
import { aSettledDaemon, FakeDaemon } from "../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../test/builders/observed.ts";
import { Problem } from "../model/problem.ts";
import { reasonOf } from "../model/state.ts";

test("a commit that does not touch the service only moves its record", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  const second = await daemon.push({ elsewhere: "x" });
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: first } });
  expect(daemon.history()).toEqual(["1 poll done"]);
});

test("a mount that was lost comes back though upstream cannot be reached, and the unit reloads", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.mounts.delete(etc.local);
  await daemon.reconcile({ view: { is: "unreachable", problem: new Problem("git", "no route") } });
  expect(daemon.host.done()).toEqual(["mount /etc/app", "systemctl reload", "verify"]);
  expect(daemon.history()).toEqual(["1 heal done", "1 poll done"]);
  const [row] = daemon.records.deployments("app", { before: null, limit: 1 });
  expect(row?.reason).toBe("mount /etc/app was missing");
});

test("a checkout that was lost is made again, with its mounts", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.checkout = null;
  await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e1");
  expect(daemon.host.done()).toContain("mount /etc/app");
  expect(daemon.history()[0]).toBe("1 heal done");
  expect(daemon.record.phase).toEqual({ at: "verified", head: daemon.upstream.tip });
});

test("what others have put at the path of the checkout stays, and is reported", async () => {
  const daemon = new FakeDaemon();
  daemon.host.isForeign = true;
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual([]);
  expect(reasonOf(daemon.record.state)).toBe("path-blocked");
  daemon.host.isForeign = false;
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("a branch that was rewritten is followed, and the history says so", async () => {
  const daemon = await aSettledDaemon();
  await daemon.push({ [etc.link]: "e2" });
  const other = daemon.upstream.push({ [etc.link]: "e3", [conf.link]: "c1" }, null);
  await daemon.reconcile();
  const [row] = daemon.records.deployments("app", { before: null, limit: 1 });
  expect(row).toMatchObject({ to: other, result: "done" });
  expect(row?.reason).toMatch(/^the history of "main" was rewritten: 00000002/);
});

test("a rewritten branch that brings nothing new is remembered as a deployment without steps", async () => {
  const daemon = await aSettledDaemon();
  const other = daemon.upstream.push({ [etc.link]: "e1", [conf.link]: "c1" }, null);
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.record.commit).toBe(other);
  expect(daemon.history()).toEqual(["2 poll done", "1 poll done"]);
});

test("something that undoes every round is reported after four of them", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.mounts.delete(etc.local);
  daemon.host.hooks.set("verify", () => void daemon.host.mounts.delete(etc.local));
  await daemon.reconcile();
  expect(reasonOf(daemon.record.state)).toBe("contended");
  expect(daemon.host.done().filter((effect) => effect === "mount /etc/app")).toHaveLength(4);
  daemon.host.hooks.clear();
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("a missing package is installed alone, before files and unit", async () => {
  const daemon = new FakeDaemon({ package: "caddy" });
  daemon.host.isInstalled = false;
  await daemon.reconcile();
  expect(daemon.host.done().slice(0, 2)).toEqual(["install caddy", "add-checkout"]);
  expect(daemon.history()).toEqual(["1 poll done", "1 poll done"]);
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("a package that cannot be installed leaves no files behind", async () => {
  const daemon = new FakeDaemon({ package: "caddy" });
  daemon.host.isInstalled = false;
  daemon.host.hooks.set("install caddy", () => {
    throw new Problem("host", "no such package");
  });
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["BROKEN", "no such package"]);
  expect(daemon.host.checkout).toBeNull();
  expect(daemon.record.phase).toEqual({ at: "verified", head: null });
});

test("a unit that systemd leaves alone gets no verb", async () => {
  const daemon = await aSettledDaemon({ action: null });
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual(["stage", "publish app/etc", "head"]);
  expect(daemon.shown).toEqual(["OK", ""]);
});

test("the strongest verb of the changed paths is the one", async () => {
  const daemon = await aSettledDaemon({ actions: [{ path: conf.link, action: "restart" }] });
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toContain("systemctl reload");
  await daemon.push({ [etc.link]: "e3", [conf.link]: "c3" });
  expect(daemon.host.done()).toContain("systemctl restart");
});

test("a unit that a person has stopped stays so through a push, which is drift", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.unit = { ...daemon.host.unit, active: "inactive", sub: "dead" };
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual(["stage", "publish app/etc", "head"]);
  expect(daemon.record.commit).toBe(second);
  expect(daemon.shown).toEqual(["OK", "drift: the unit is stopped"]);
});

test("a unit that died between deployments makes the service BROKEN", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.unit = { ...daemon.host.unit, active: "failed", result: "exit-code", ended: "status 1" };
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["BROKEN", "the unit died: exit-code, status 1"]);
  expect(daemon.record.phase.at).toBe("verified");
});

test("a package that is installed again leaves open what was open before it", async () => {
  const daemon = await aSettledDaemon({
    package: "caddy",
    health: { settleMs: 0, probes: [], onFailure: "stay" },
  });
  const second = await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.host.isInstalled = false;
  daemon.host.power.spent.length = 0;
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["install caddy", "verify"]);
  expect(daemon.record.phase).toMatchObject({ at: "told", to: second, result: "failed" });
});
