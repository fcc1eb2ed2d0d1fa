import { expect, test } from "vitest";
import { aSettledDaemon, type FakeDaemon } from "../../../test/builders/fake-daemon.ts";
import { etc } from "../../../test/builders/observed.ts";
import { Problem } from "../../model/problem.ts";

const check = { commands: [["true"]], user: null, timeoutMs: 1_000, network: false };
const lastOf = (daemon: FakeDaemon) => daemon.records.deployments("app", { before: null, limit: 1 })[0];

test("a deployment that is superseded before it publishes leaves the host as it was", async () => {
  const daemon = await aSettledDaemon({ check });
  const { phase, state } = daemon.record;
  daemon.host.hooks.set("check", () => daemon.supersede("a newer commit"));
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual(["stage", "check"]);
  expect(daemon.record).toMatchObject({ phase, state });
  expect(lastOf(daemon)).toMatchObject({ result: "superseded", reason: "a newer commit" });
  daemon.host.hooks.clear();
  const third = await daemon.push({ [etc.link]: "e3" });
  expect(daemon.record).toMatchObject({ commit: third, phase: { at: "verified", head: third } });
  expect(daemon.history()).toEqual(["3 poll done", "2 poll superseded check", "1 poll done"]);
});

test("a deployment that is superseded while files are staged is not published, though it was stored as such", async () => {
  const daemon = await aSettledDaemon();
  const { phase } = daemon.record;
  daemon.host.hooks.set("stage", () => daemon.supersede("a freeze"));
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.textAt(etc.link)).toBe("e1");
  expect(daemon.record.phase).toEqual(phase);
});

test("one that is superseded while its service settles keeps its files, and is not blamed", async () => {
  const daemon = await aSettledDaemon();
  const first = daemon.upstream.tip;
  daemon.host.hooks.set("verify", () => daemon.supersede("a newer commit"));
  const second = await daemon.push({ [etc.link]: "e2 unwell" });
  expect(daemon.record).toMatchObject({
    ...{ commit: first, state: { name: "OK" } },
    phase: { at: "told", to: second, head: second, result: "superseded" },
  });
  expect(daemon.records.status("app").commit).toBe(second);
  expect(daemon.records.hasBadCommits("app")).toBe(false);
  daemon.host.hooks.clear();
  const third = await daemon.push({ [etc.link]: "e3" });
  expect(daemon.record).toMatchObject({ commit: third, phase: { at: "verified", head: third } });
  expect(daemon.host.read.get(etc.local)).toBe("e3");
});

test("what was superseded before its verdict is left as well, when the newer commit is refused and it is unwell", async () => {
  const daemon = await aSettledDaemon({ check });
  const first = daemon.upstream.tip;
  daemon.host.hooks.set("verify", () => daemon.supersede("a newer commit"));
  await daemon.push({ [etc.link]: "e2 unwell" });
  daemon.host.hooks.clear();
  await daemon.push({ [etc.link]: "e3 refused" });
  expect(daemon.history()).toEqual([
    ...["1 revert done", "2 revert failed health", "3 poll failed check"],
    ...["2 poll superseded health", "1 poll done"],
  ]);
  expect(daemon.record).toMatchObject({ commit: first, phase: { at: "verified", head: first } });
  expect(daemon.host.read.get(etc.local)).toBe("e1");
  expect(daemon.shown).toEqual(["DIFF", "REFUSED 00000003: the check ended with status 1"]);
});

test("the verb of a superseded deployment is carried out, and only the wait for health ends", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("systemctl reload", () => daemon.supersede("a newer commit"));
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.host.done()).toEqual(["stage", "publish app/etc", "systemctl reload", "verify", "head"]);
  expect(daemon.host.read.get(etc.local)).toBe("e2");
  expect(daemon.record.phase).toMatchObject({ at: "told", result: "superseded" });
});

test("a verb that fails while the deployment is superseded is a failure all the same", async () => {
  const daemon = await aSettledDaemon();
  daemon.host.hooks.set("systemctl reload", () => {
    daemon.supersede("a newer commit");
    throw new Problem("host", "no");
  });
  await daemon.push({ [etc.link]: "e2" });
  expect(daemon.history()).toContain("2 poll failed unit");
});
