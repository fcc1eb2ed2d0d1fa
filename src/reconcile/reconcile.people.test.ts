import { expect, test } from "vitest";
import { aSettledDaemon } from "../../test/builders/fake-daemon.ts";
import { conf, etc } from "../../test/builders/observed.ts";

test("a frozen service ignores a push, and follows it when it is unfrozen", async () => {
  const daemon = await aSettledDaemon();
  daemon.freeze();
  const second = await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual([]);
  expect(daemon.shown[0]).toBe("FREEZE");
  daemon.unfreeze();
  await daemon.reconcile({ trigger: "unfreeze", by: "ann" });
  expect(daemon.record.commit).toBe(second);
  expect(daemon.history()[0]).toBe("2 unfreeze done");
});

test("a rollback brings its commit, freezes there, and is named in the history", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  await daemon.push({ [etc.link]: "e2" });
  daemon.rollback(first);
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["FREEZE", `ROLLBACK: ${first}`]);
  expect(daemon.host.read.get(etc.local)).toBe("e1");
  const [row] = daemon.records.deployments("app", { before: null, limit: 1 });
  expect(row).toMatchObject({ to: first, trigger: "rollback", by: "ann", result: "done" });
});

test("a rollback to a bad commit stays there, for a person wants it", async () => {
  const daemon = await aSettledDaemon();
  const bad = await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.rollback(bad);
  for (let again = 0; again < 3; again += 1) await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e2 unwell");
  expect(daemon.record.state).toMatchObject({ name: "BROKEN", hold: { commit: bad } });
  daemon.unfreeze();
  await daemon.reconcile();
  expect(daemon.host.textAt(etc.link)).toBe("e1");
});

test("a rollback restores the files of its commit over local edits, which are saved", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.edit(conf.link, "mine", daemon.clock.now());
  daemon.rollback(daemon.upstream.tip);
  await daemon.reconcile();
  expect(daemon.host.textAt(conf.link)).toBe("c1");
  expect(daemon.host.patches).toEqual(["mine"]);
});

test("local edits are drift, and are saved when a push overwrites them", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.edit(conf.link, "mine", daemon.clock.now());
  await daemon.reconcile();
  expect(daemon.shown[1]).toContain("1 local edit: app/app.conf");
  expect(daemon.host.done()).toEqual([]);
  await daemon.push({ [conf.link]: "c2" });
  expect(daemon.host.textAt(conf.link)).toBe("c2");
  expect(daemon.host.patches).toEqual(["mine"]);
  expect(daemon.shown).toEqual(["OK", ""]);
});
