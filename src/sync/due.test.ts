import { expect, test } from "vitest";
import { aHold, aManaged, commitOf, FakeRecords, named } from "../../test/builders/a-group.ts";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import type { ServiceState } from "../model/state.ts";
import type { UpstreamView } from "../rollout/target.ts";
import { dueAmong, followersOf, isUrgent } from "./due.ts";

const [old, tip] = [commitOf("a"), commitOf("b")];
const clock = new FakeClock("2026-03-05T12:00:00Z");
const view: UpstreamView = { is: "known", tips: new Map([["main", tip]]) };
const [app, web] = [named("app"), named("web")];
const failed: ServiceState = { name: "BROKEN", hold: null, reason: "no", code: "host-failed" };
const held: ServiceState = { name: "FREEZE", hold: aHold, drift: "" };
const waitingUntil = (until: Date): ServiceState => ({
  name: "OK",
  drift: "",
  waiting: { commit: tip, until, why: "a window" },
});

/** The names of those of `app` and `web` that are due. */
function due(records: FakeRecords, news: Partial<Parameters<typeof dueAmong>[1]> = {}): string[] {
  const all = { requested: new Map(), unaffected: [], isFirst: false, view, ...news };
  return dueAmong(
    [app, web].map((each) => aManaged(each)),
    all,
    { records, clock },
  ).map(({ service }) => service.name);
}
const records = (state: ServiceState, commit = old) =>
  new FakeRecords().deployed("app", commit, { state }).deployed("web", tip);
const fine: ServiceState = { name: "OK", drift: "" };

test("a service without the tip of its branch is due, and one that has it is not", () => {
  expect(due(records(fine))).toEqual(["app"]);
  expect(due(records(fine, tip))).toEqual([]);
});

test("the first poll after a start makes every service due", () => {
  expect(due(records(fine, tip), { isFirst: true })).toEqual(["app", "web"]);
});

test("requested services come first, due or not", () => {
  expect(due(records(fine), { requested: new Map([["web", {}]]) })).toEqual(["web", "app"]);
});

test("a commit that does not affect a service does not make it due, unless it is the first poll", () => {
  const unaffected = [{ service: "app" }];
  expect(due(records(fine), { unaffected })).toEqual([]);
  expect(due(records(fine), { unaffected, isFirst: true })).toEqual(["app", "web"]);
});

test("a service that has failed is due although it has the tip", () => {
  expect(due(records(failed, tip))).toEqual(["app"]);
});

test("a held service is not due until it has failed at its hold", () => {
  expect(due(records(held))).toEqual([]);
  expect(due(records({ ...failed, hold: aHold }))).toEqual(["app"]);
});

test("a waiting commit makes its service due when the time has come, and another tip does before", () => {
  const [later, past] = [new Date("2026-03-05T13:00:00Z"), new Date("2026-03-05T11:00:00Z")];
  expect(due(records(waitingUntil(later)))).toEqual([]);
  expect(due(records(waitingUntil(past)))).toEqual(["app"]);
  const newer: UpstreamView = { is: "known", tips: new Map([["main", commitOf("c")]]) };
  expect(due(records(waitingUntil(later)), { view: newer })).toEqual(["app", "web"]);
});

test("an upstream that cannot be reached makes every service due, to report it", () => {
  expect(due(records(fine, tip), { view: { is: "unasked" } })).toEqual(["app", "web"]);
});

test("a push concerns the services that track its branch, and not the held ones", () => {
  const services = [app, web, named("canary", { branch: "canary" })];
  const known = records(held).deployed("canary", old);
  const push = { branch: "main", before: null, after: tip };
  const names = (branch: string) =>
    followersOf(services, [{ ...push, branch }], { records: known }).map(({ name }) => name);
  expect([names("main"), names("canary"), names("other")]).toEqual([["web"], ["canary"], []]);
});

test("a service is urgent without a commit, without files, or after a deployment that did not end", () => {
  const isThere = { exists: () => true };
  const urgent = (known: FakeRecords, where = isThere) => isUrgent(app, { records: known, ...where });
  expect(urgent(new FakeRecords().deployed("app", null))).toBe(true);
  expect(urgent(records(fine), { exists: () => false })).toBe(true);
  expect(urgent(records(fine).interrupted("app", tip))).toBe(true);
  expect(urgent(records(fine))).toBe(false);
});

test("the deployment that a boot begins for its mounts is not urgent", () => {
  const booted = records(fine).interrupted("app", old);
  expect(isUrgent(app, { records: booted, exists: () => true })).toBe(false);
});
