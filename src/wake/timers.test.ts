import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import type { Commit } from "../model/commit.ts";
import type { Event } from "../model/event.ts";
import type { ServiceState } from "../model/state.ts";
import { initialState, next, type StateEvent } from "../rollout/next.ts";
import { Timers } from "./timers.ts";

type Tools = Parameters<Timers["run"]>[1];
const start = "2026-11-24T12:00:00Z";
const inMs = (ms: number) => new Date(new Date(start).getTime() + ms);
const commit = "a".repeat(40) as Commit;
const frozen = (until: Date): StateEvent => ({ type: "freeze", by: "root", reason: "", at: inMs(0), until });
const waits = (until: Date): StateEvent => ({
  type: "settled",
  commit,
  drift: "",
  waiting: { commit, until, why: "a window" },
});

/** A loop of timers over states in memory; `calls` has what it does. */
function aRun(states: Record<string, ServiceState>) {
  const clock = new FakeClock(start);
  const calls: string[] = [];
  const stop = new AbortController();
  const timers = new Timers();
  const disk = { full: false };
  const apply = (service: string, event: StateEvent) => {
    if (disk.full) throw new Error("the disk is full");
    const before = states[service] ?? initialState;
    const state = next(before, event);
    states[service] = state;
    const status = { service, commit: null, state, changedAt: clock.now() };
    if (state !== before) timers.onEvent({ type: "state-changed", status, before } satisfies Event);
  };
  const tools = {
    clock,
    stopping: stop.signal,
    log: { info: (_: unknown, line: string) => calls.push(line), error: () => calls.push("error") },
    records: {
      apply,
      get: (service: string) => ({ state: states[service] }),
      records: () => Object.entries(states).map(([service, state]) => ({ service, state })),
    },
  } as unknown as Tools;
  const loop = {
    group: { services: Object.keys(states).map((name) => ({ name })) },
    requestPoll: (service: string, trigger: string) => calls.push(`poll ${service} ${trigger}`),
    enqueue: (service: string, trigger: string) => calls.push(`enqueue ${service} ${trigger}`),
  };
  const done = timers.run([loop], tools);
  const end = () => {
    stop.abort();
    return done;
  };
  return { clock, calls, states, disk, apply, end };
}

/** Waits until the loop sleeps again. */
const untilAsleep = () => new Promise((resolve) => setImmediate(resolve));

test("timers that are due at the start fire before the first wait", async () => {
  const run = aRun({ app: next(initialState, frozen(inMs(-1))), web: next(initialState, waits(inMs(0))) });
  expect(run.calls).toEqual([
    "the freeze has ended (by root until 2026-11-24 11:59 UTC): it tracks its upstream again",
    "poll app freeze-expired",
    "enqueue web window",
  ]);
  expect(run.states.app).toEqual(initialState);
  await run.end();
});

test("it sleeps until the first timer, a minute at most, and wakes early for a new one", async () => {
  const run = aRun({ app: initialState, web: initialState });
  await untilAsleep();
  expect(run.clock.sleeping()).toEqual([2 ** 31 - 1]);
  run.apply("app", frozen(inMs(90_000)));
  await untilAsleep();
  expect(run.clock.sleeping()).toEqual([60_000]);
  run.apply("web", waits(inMs(20_000)));
  await untilAsleep();
  expect(run.clock.sleeping()).toEqual([20_000]);
  run.clock.advance(20_000);
  await untilAsleep();
  expect(run.calls).toEqual(["enqueue web window"]);
  expect(run.clock.sleeping()).toEqual([60_000]);
  run.clock.advance(60_000);
  await untilAsleep();
  expect(run.clock.sleeping()).toEqual([10_000]);
  run.clock.advance(10_000);
  await untilAsleep();
  expect(run.calls.at(-1)).toBe("poll app freeze-expired");
  await run.end();
});

test("an opening fires once, and the next one again", async () => {
  const run = aRun({ web: next(initialState, waits(inMs(0))) });
  await untilAsleep();
  run.apply("web", { type: "settled", commit, drift: "something else" });
  run.apply("web", waits(inMs(0)));
  await untilAsleep();
  expect(run.clock.sleeping()).toEqual([2 ** 31 - 1]);
  run.apply("web", waits(inMs(5_000)));
  await untilAsleep();
  run.clock.advance(5_000);
  await untilAsleep();
  expect(run.calls).toEqual(["enqueue web window", "enqueue web window"]);
  await run.end();
});

test("the end of a freeze that cannot be stored is tried again in a minute", async () => {
  const run = aRun({ app: next(initialState, frozen(inMs(1_000))) });
  run.disk.full = true;
  run.clock.advance(1_000);
  await untilAsleep();
  expect(run.calls).toEqual(["error"]);
  expect(run.clock.sleeping()).toEqual([60_000]);
  run.disk.full = false;
  run.clock.advance(60_000);
  await untilAsleep();
  expect(run.calls.at(-1)).toBe("poll app freeze-expired");
  await run.end();
});
