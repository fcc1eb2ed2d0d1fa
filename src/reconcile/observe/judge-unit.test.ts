import { expect, test } from "vitest";
import { aSettledDaemon, type FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { etc } from "../../../test/builders/observed.ts";
import type { Drift } from "../../model/service.ts";
import { noDrift } from "../../rollout/drift.ts";
import { createJudgeUnit } from "./judge-unit.ts";

const heal: Drift = { mode: "heal", healsPerHour: 2 };
const stop = (daemon: FakeDaemon) => {
  daemon.host.unit = { ...daemon.host.unit, active: "inactive", sub: "dead" };
};

test("a stopped unit is drift, which is only reported where the config says report", async () => {
  const daemon = await aSettledDaemon();
  stop(daemon);
  await daemon.reconcile();
  expect(daemon.shown).toEqual(["OK", "drift: the unit is stopped"]);
  expect(daemon.host.done()).toEqual([]);
});

test("a stopped unit is started where the config says heal, and the history says why", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  stop(daemon);
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["systemctl start", "verify"]);
  expect(daemon.shown).toEqual(["OK", ""]);
  const [row] = daemon.records.deployments("app", { before: null, limit: 1 });
  expect(row).toMatchObject({ trigger: "heal", result: "done", reason: "drift: the unit is stopped" });
  expect(daemon.record.phase).toEqual({ at: "verified", head: daemon.upstream.tip });
});

test("a disabled unit is enabled again where it was enabled before", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  daemon.host.unit = { ...daemon.host.unit, file: "disabled" };
  await daemon.reconcile();
  expect(daemon.host.done()).toEqual(["systemctl enable", "verify"]);
  expect(daemon.host.unit.file).toBe("enabled");
});

test("a unit that is stopped again and again is left alone when the brake is on", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  for (let stops = 0; stops < 3; stops += 1) {
    daemon.clock.advance(60_000);
    stop(daemon);
    await daemon.reconcile();
  }
  expect(daemon.host.unit.active).toBe("inactive");
  expect(daemon.shown[1]).toBe("drift: the unit is stopped (not healed: 2 heals in the last hour)");
});

test("a unit that stops while it is healed is left to the next reconcile", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  stop(daemon);
  daemon.host.hooks.set("verify", () => stop(daemon));
  expect(await daemon.reconcile()).toBe(true);
  expect(daemon.host.done().filter((effect) => effect === "systemctl start")).toHaveLength(1);
});

test("a unit that does not start is BROKEN, and is not blamed on the commit that it had", async () => {
  const daemon = await aSettledDaemon({ drift: heal }, { [etc.link]: "e1", "app/app.conf": "c1" });
  stop(daemon);
  daemon.host.hooks.set("systemctl start", () => {
    throw new Error("a bug");
  });
  await daemon.reconcile();
  expect(daemon.shown[0]).toBe("BROKEN");
  expect(daemon.records.hasBadCommits("app")).toBe(false);
});

test("a frozen service is not healed", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  daemon.freeze();
  stop(daemon);
  await daemon.reconcile();
  expect(daemon.host.unit.active).toBe("inactive");
  expect(daemon.shown[1]).toContain("(not healed: frozen)");
});

test("nothing is started while the host goes down", async () => {
  const daemon = await aSettledDaemon({ drift: heal });
  stop(daemon);
  const drift = { drift: "drift: the unit is stopped", code: "unit-stopped" } as const;
  const units = { judge: async () => drift, observe: async () => daemon.host.unit };
  const { records, clock, managed } = daemon;
  const atEnd = { touched: false, deployed: false, editedAt: null, healed: false };
  const judge = (stops: boolean) =>
    createJudgeUnit({ records, clock, units: { ...units, hostStops: async () => stops } })(
      managed.service,
      atEnd,
    );
  expect(await judge(true)).toEqual({ steps: [], why: "", drift });
  expect(await judge(false)).toMatchObject({ steps: [{ verb: "start" }, { do: "verify" }], drift: noDrift });
});
