/** The loop of an upstream over a fake poller and a fake reconcile, with a clock that the test sets. */
import { setImmediate } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { Throttled } from "../../src/git/fetch/throttled.ts";
import type { Problem } from "../../src/model/problem.ts";
import type { ReconcileRequest } from "../../src/reconcile/reconcile-request.ts";
import type { KnownView, UpstreamView } from "../../src/rollout/target.ts";
import type { LoopPorts, LoopWork, PolledGroup } from "../../src/sync/loop-ports.ts";
import { UpstreamLoop } from "../../src/sync/upstream-loop.ts";
import { aHistory, aLog, aManaged, type Contents, commitOf, FakeRecords, named } from "./a-group.ts";
import { FakeClock } from "./fake-clock.ts";

export const minuteMs = 60_000;
export const [old, tip, newer] = [commitOf("a"), commitOf("b"), commitOf("c")];
const contents: Contents = {
  [old]: { "app/etc": "1", "web/etc": "1" },
  [tip]: { "app/etc": "2", "web/etc": "2" },
  [newer]: { "app/etc": "3", "web/etc": "3" },
};

/** A loop over a fake poller and a fake reconcile, for `app` and `web`, whose upstream has `tip`. */
export function aLoop(changes: Partial<PolledGroup> = {}, records = new FakeRecords()) {
  for (const name of ["app", "web"]) records.deployed(name, null);
  const [clock, stop] = [new FakeClock("2026-03-05T12:00:00Z"), new AbortController()];
  const { history } = aHistory(contents);
  const services = [named("app"), named("web", { branch: "canary" })];
  const upstream = {
    tips: new Map([
      ["main", tip],
      ["canary", tip],
    ]),
    fault: null as Problem | null,
    polls: [] as boolean[],
    /** Runs in every poll. */
    during: async () => {},
  };
  let known: KnownView | null = null;
  const poller: LoopPorts["poller"] = {
    get known() {
      return known;
    },
    get throttled() {
      return upstream.fault instanceof Throttled ? upstream.fault : null;
    },
    serially: (work) => work(),
    poll: async (_, { hurried }) => {
      upstream.polls.push(hurried === true);
      await upstream.during();
      if (upstream.fault !== null) throw upstream.fault;
      known = { is: "known", tips: new Map(upstream.tips) };
      return known.tips;
    },
    pollForPeople: async () => ({ view: known ?? { is: "unasked" }, stale: "" }),
    has: async () => false,
  };
  const repair = {
    members: [] as LoopPorts["repair"]["members"],
    needed: false,
    wantsPoll: false,
    pollWithinMs: Number.POSITIVE_INFINITY,
    kept: { isGone: () => false } as unknown as LoopPorts["repair"]["kept"],
    work: <T>(work: () => Promise<T>) => work(),
    withRepair: <T>(poll: (repaired: boolean) => Promise<T>) => poll(false),
    maintain: async () => {},
    alone: (work: () => Promise<void>) => work(),
  };
  const aside = new Set<string>();
  const reconciled: string[] = [];
  const requests: ReconcileRequest[] = [];
  const views: UpstreamView[] = [];
  const work: { -readonly [Name in keyof LoopWork]: LoopWork[Name] } = {
    resolve: async () => services.map((each) => aManaged(each, history)),
    reconcile: async (managed, view, request) => {
      const { name, branch } = managed.service;
      reconciled.push(`${name}: ${request.trigger}`);
      requests.push(request);
      views.push(view);
      if (view.is === "known") records.deployed(name, view.tips.get(branch) ?? null);
      return { again: false };
    },
    wouldDeploy: () => async () => true,
    sortByEffect: async (members) => ({ waiting: members, unaffected: [] }),
    prefetch: async () => {},
  };
  const { log, lines } = aLog();
  const group = { upstream: "https://example.com/config", user: "root", services };
  const polled = { ...group, members: null, everyMs: 5 * minuteMs, jitter: 0, ...changes };
  const ports = { poller, repair, records, aside };
  // Each part may be replaced by a test until the loop uses it.
  const functions: LoopWork = {
    ...work,
    resolve: () => work.resolve(),
    reconcile: (...args) => work.reconcile(...args),
    wouldDeploy: (...args) => work.wouldDeploy(...args),
    sortByEffect: (...args) => work.sortByEffect(...args),
  };
  const loop = new UpstreamLoop(polled, ports, functions, { clock, log, stopping: stop.signal });
  /** Runs until nothing happens before the clock is set. */
  const rest = async () => {
    for (let ticks = 0; ticks < 20; ticks += 1) await setImmediate();
  };
  const start = async () => {
    const ended = loop.run();
    onTestFinished(async () => {
      stop.abort();
      await ended;
    });
    await rest();
  };
  const later = async (ms: number) => {
    clock.advance(ms);
    await rest();
  };
  const done = () => reconciled.splice(0);
  const own = { loop, stop, upstream, repair, aside, work, records, clock, lines, requests, views };
  return { ...own, start, rest, later, done };
}
