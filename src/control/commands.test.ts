import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { aDeployment, aRecord, FakeRecords } from "../../test/builders/fake-records.ts";
import { aService, old, target } from "../../test/builders/observed.ts";
import type { Commit } from "../model/commit.ts";
import { Problem, Refusal } from "../model/problem.ts";
import type { ServiceState } from "../model/state.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Gate } from "../rollout/gates/gate.ts";
import { initialState, next } from "../rollout/next.ts";
import { freeze, pull, rollback, unfreeze } from "./commands.ts";

type Loop = Parameters<typeof rollback>[0];

const clock = new FakeClock("2026-11-24T12:00:00Z");
const inMs = (ms: number) => new Date(clock.now().getTime() + ms);
const by = { by: "ops", reason: "release week" };
const frozen = next(initialState, { type: "freeze", ...by, at: inMs(0), until: null });
const closed: Gate = { ask: () => ({ open: false, opensAt: inMs(3_600_000), why: "a window" }) };
const history = {
  entries: async () => new Map([["app/etc", { id: "1", mode: "040000", kind: "directory" }]]),
};

interface Given {
  readonly state?: ServiceState;
  readonly gates?: readonly Gate[];
  /** The service was at this commit before, and was well with it. */
  readonly deployed?: Commit;
  readonly isSetUp?: boolean;
  readonly find?: () => Promise<Commit>;
  readonly verify?: () => Promise<void>;
}

/** The service `app` at the commit `old`; `done` has the calls of its loop. */
function aScene(given: Given = {}) {
  const done: string[] = [];
  const managed = { service: aService(), history: { ...history, modeFault: async () => null } };
  const loop: Loop = {
    reconciles: { supersede: (service, why) => void done.push(`supersede ${service}: ${why}`) },
    enqueue: (service, trigger) => void done.push(`enqueue ${service} ${trigger}`),
    requestPoll: (service, trigger, how) =>
      void done.push(`poll ${service} ${trigger}${how?.overrideWindow ? " through windows" : ""}`),
    managed: () => (given.isSetUp === false ? undefined : (managed as unknown as ManagedService)),
  };
  const records = new FakeRecords({
    records: [aRecord("app", { commit: old, state: given.state ?? initialState })],
    deployments: given.deployed ? [aDeployment(given.deployed)] : [],
  });
  const targets = { find: given.find ?? (async () => target), verify: given.verify ?? (async () => {}) };
  const ports = { records, gates: given.gates ?? [], clock, targets };
  return { loop, done, records, ports, state: () => records.get("app").state };
}

test("a freeze is recorded, and ends what is under way", () => {
  const { loop, done, ports, state } = aScene();
  const until = inMs(3_600_000);
  expect(freeze(loop, "app", { ...by, until }, ports)).toEqual({
    ok: true,
    message: "app is frozen: it ignores its upstream until 2026-11-24 13:00 UTC, or you unfreeze it",
  });
  expect(state()).toMatchObject({ name: "FREEZE", hold: { ...by, until, since: inMs(0) } });
  expect(done).toEqual(["supersede app: a freeze", "enqueue app poll"]);
});

test.each([
  ["in the past", inMs(-1), "is past"],
  ["now", inMs(0), "is past"],
  ["in more than 10 years", inMs(11 * 366 * 86_400_000), "more than 10 years away"],
  ["at no time", new Date(Number.NaN), "there is no such time"],
])("a freeze that would end %s is refused, and changes nothing", (_, until, why) => {
  const { loop, done, ports, state } = aScene();
  const answer = freeze(loop, "app", { ...by, until }, ports);
  expect(answer).toMatchObject({ ok: false, why: "refused", message: expect.stringContaining(why) });
  expect(state()).toBe(initialState);
  expect(done).toEqual([]);
});

test("a second freeze changes the reason, and leaves a reconcile under way alone", () => {
  const { loop, done, ports } = aScene({ state: frozen });
  const again = { by: "eve", reason: "longer", until: null };
  expect(freeze(loop, "app", again, ports)).toMatchObject({ message: "app stays frozen: by eve: longer" });
  expect(freeze(loop, "app", { ...again, reason: "" }, ports)).toMatchObject({
    message: "app is frozen already: by eve: longer",
  });
  expect(done).toEqual([]);
});

test("no secret of a reason is recorded", () => {
  const { loop, ports, state } = aScene();
  freeze(loop, "app", { by: "ops", reason: "see https://me:hunter2@example.com/x", until: null }, ports);
  expect(JSON.stringify(state())).not.toContain("hunter2");
});

test("an unfreeze ends the hold and polls; a new commit still waits for its window", () => {
  const { loop, done, ports, state } = aScene({ state: frozen, gates: [closed] });
  expect(unfreeze(loop, "app", "ops", ports)).toEqual({
    ok: true,
    message: "app tracks its upstream again; a new commit waits for a window until 2026-11-24 13:00 UTC",
  });
  expect(state()).toEqual(initialState);
  expect(done).toEqual(["supersede app: an unfreeze", "poll app unfreeze"]);
});

test("an unfreeze of what is not frozen only polls", () => {
  const { loop, done, ports } = aScene();
  expect(unfreeze(loop, "app", "ops", ports)).toMatchObject({
    message: "app is not frozen; it polls its upstream now",
  });
  expect(done).toEqual(["poll app unfreeze"]);
});

test("a frozen service is not pulled", () => {
  const { loop, done, records, ports } = aScene({ state: frozen });
  const answer = pull(loop, "app", { ...by, overrideWindow: true, again: true }, ports);
  expect(answer).toMatchObject({ ok: false, message: "app is frozen; unfreeze it to pull" });
  expect([done, records.cleared]).toEqual([[], []]);
});

test.each([
  [false, false, "poll app pull", "; a new commit waits for a window until 2026-11-24 13:00 UTC", []],
  [true, false, "poll app pull through windows", "", []],
  [true, true, "poll app pull through windows", "", ["app"]],
] as const)("a pull with overrideWindow %s and again %s", (overrideWindow, again, poll, waits, cleared) => {
  const { loop, done, records, ports } = aScene({ gates: [closed] });
  const answer = pull(loop, "app", { ...by, overrideWindow, again }, ports);
  expect(answer).toEqual({ ok: true, message: `app polls its upstream now${waits}` });
  expect(done).toEqual([poll]);
  expect(records.cleared).toEqual(cleared);
});

const request = { ...by, hash: "BBBB" };

test("a rollback is recorded before it begins", async () => {
  const { loop, done, ports, state } = aScene();
  expect(await rollback(loop, "app", request, ports)).toEqual({
    ok: true,
    message: "app goes to bbbbbbbb and stays there until you unfreeze it",
  });
  expect(state()).toMatchObject({ name: "ROLLBACK", hold: { commit: target, ...by } });
  expect(done).toEqual(["supersede app: a rollback", "enqueue app rollback"]);
});

test.each<[string, Given, string]>([
  ["the service is not set up", { isSetUp: false }, "app has not been set up yet"],
  [
    "there is no such commit",
    { find: () => Promise.reject(new Problem("git", "Cannot find commit")) },
    "Cannot find commit",
  ],
  [
    "the commit is not signed",
    { verify: () => Promise.reject(new Refusal("it is not signed")) },
    'Cannot take "app" to bbbbbbbb: it is not signed',
  ],
])("a rollback is refused when %s", async (_, given, message) => {
  const { loop, done, ports, state } = aScene(given);
  expect(await rollback(loop, "app", request, ports)).toEqual({ ok: false, why: "refused", message });
  expect(state()).toBe(initialState);
  expect(done).toEqual([]);
});

test("a commit that was deployed before needs no signature any more", async () => {
  const verify = () => Promise.reject(new Refusal("it is not signed"));
  const { loop, ports } = aScene({ verify, deployed: target });
  expect(await rollback(loop, "app", request, ports)).toMatchObject({ ok: true });
});

test("a bug is no refusal", async () => {
  const { loop, ports } = aScene({ find: () => Promise.reject(new TypeError("a bug")) });
  await expect(rollback(loop, "app", request, ports)).rejects.toThrow(TypeError);
});
