import { expect, test } from "vitest";
import { aUnit } from "../../../test/builders/a-unit.ts";
import { FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../../test/builders/observed.ts";

const bad = { [etc.link]: "e1 unwell", [conf.link]: "c1" };
const good = { [etc.link]: "e1", [conf.link]: "c1" };

/** A host whose unit runs with files of its own. */
function aHostThatRuns(texts = bad): FakeDaemon {
  const daemon = new FakeDaemon({}, texts);
  daemon.host.unit = aUnit();
  return daemon;
}

test("a first deployment that is unwell is undone where the unit ran before", async () => {
  const daemon = aHostThatRuns();
  daemon.host.missing.add(conf.local);
  await daemon.reconcile();
  expect(daemon.host.mounts.size).toBe(0);
  expect(daemon.host.missing.has(conf.local)).toBe(true);
  expect(daemon.host.done().slice(-4)).toEqual([
    ...["unmount /etc/app.conf", "unmount /etc/app"].sort(),
    "remove /etc/app.conf",
    "systemctl reload",
  ]);
  expect(daemon.host.read.size).toBe(0);
  expect(daemon.record).toMatchObject({ commit: null, phase: { at: "publishing", result: "failed" } });
  expect(daemon.shown).toEqual(["DIFF", "UNDONE the first deployment, of 00000001: the service is unwell"]);
  expect(daemon.hostsBefore.get("app")).toBeNull();
  expect(daemon.records.mounts("app")).toEqual([]);
});

test("an undone deployment is not tried again, and the next commit is deployed", async () => {
  const daemon = aHostThatRuns();
  await daemon.reconcile();
  const done = daemon.host.done().length;
  await daemon.reconcile();
  expect(daemon.host.done()).toHaveLength(done);
  const second = await daemon.push(good);
  expect(daemon.record).toMatchObject({ commit: second, phase: { at: "verified", head: second } });
  expect([...daemon.host.read.values()]).toEqual(["e1", "c1"]);
});

test("where nothing ran and nothing is hidden, the first deployment stays and is tried again", async () => {
  const daemon = new FakeDaemon({}, bad);
  for (let tries = 0; tries < 3; tries += 1) await daemon.reconcile();
  expect(daemon.shown).toEqual(["BROKEN", "the service is unwell"]);
  expect(daemon.host.mounts.size).toBe(2);
  expect(daemon.records.hasBadCommits("app")).toBe(false);
  expect(daemon.history()).toEqual(["1 poll failed health"]);
});

test("a unit that did not run is stopped and disabled again, where files of the host were hidden", async () => {
  const daemon = new FakeDaemon({}, bad);
  daemon.host.hides.set(etc.local, "2 files");
  await daemon.reconcile();
  expect(daemon.host.unit).toMatchObject({ active: "inactive", file: "disabled" });
  expect(daemon.host.done()).toEqual(expect.arrayContaining(["systemctl stop", "systemctl disable"]));
  expect(daemon.host.mounts.size).toBe(0);
});

test("a first deployment that is refused has nothing to undo", async () => {
  const check = { commands: [["true"]], user: null, timeoutMs: 1_000, network: false };
  const daemon = new FakeDaemon({ check }, { ...good, [etc.link]: "refused" });
  daemon.host.unit = aUnit();
  await daemon.reconcile();
  await daemon.reconcile();
  expect(daemon.host.mounts.size).toBe(0);
  expect(daemon.shown).toEqual(["DIFF", "REFUSED 00000001: the check ended with status 1"]);
});

test("what the host was like is forgotten when the first deployment is done", async () => {
  const daemon = aHostThatRuns(good);
  daemon.host.hooks.set("verify", () => {
    expect(daemon.hostsBefore.get("app")).toEqual({ ran: true, disabled: false, made: [] });
  });
  await daemon.reconcile();
  daemon.host.hooks.clear();
  expect(daemon.hostsBefore.get("app")).toBeNull();
  await daemon.push(bad);
  expect(daemon.history()[0]).toBe("1 revert done");
});

test("whenever the daemon is killed in a first deployment that is undone, the host is as before in the end", async () => {
  const whole = aHostThatRuns();
  await whole.reconcile();
  const effects = whole.host.power.spent.length;
  for (let after = 0; after < effects; after += 1) {
    const daemon = aHostThatRuns();
    daemon.host.missing.add(conf.local);
    daemon.host.power.cutAfter(after);
    await daemon.reconcile().catch(() => {});
    daemon.restart();
    for (let tries = 0; tries < 3; tries += 1) await daemon.reconcile();
    expect([after, daemon.host.mounts.size, daemon.host.read.size, daemon.running]).toEqual([after, 0, 0, 0]);
    expect([after, ...daemon.host.missing]).toEqual([after, conf.local]);
    expect(daemon.shown[1]).toContain("UNDONE the first deployment");
    expect(daemon.host.unit.active).toBe("active");
  }
});
