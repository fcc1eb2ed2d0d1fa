import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { aRecord } from "../../test/builders/fake-records.ts";
import { aService } from "../../test/builders/observed.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import {
  enqueueBelow,
  enqueueChanged,
  enqueueInside,
  enqueueService,
  scanForDrift,
  stuckReason,
} from "./drift-scan.ts";

/** A loop of services that are mounted at these places; `enqueued` has the requests. */
function aLoop(places: Record<string, string | null>) {
  const enqueued: string[] = [];
  const services: Service[] = Object.entries(places).map(([name, local]) =>
    aService({ name, links: [{ local: local as AbsPath | null, link: "etc", file: false } as never] }),
  );
  return {
    enqueued,
    group: { services },
    enqueue: (service: string, trigger: string) => void enqueued.push(`${service} ${trigger}`),
  };
}

const untilAsleep = () => new Promise((resolve) => setImmediate(resolve));

test("every service is reconciled once in each interval, those of all loops in turn", async () => {
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  const stop = new AbortController();
  const [one, two] = [aLoop({ a: null, b: null }), aLoop({ c: null })];
  const done = scanForDrift([one, two], 60_000, { clock, stopping: stop.signal });
  const all = () => [...one.enqueued, ...two.enqueued].sort();
  const advance = async (toMs: number) => {
    for (let ms = 0; ms < toMs; ms += 1_000) {
      clock.advance(1_000);
      await untilAsleep();
    }
  };
  await advance(60_000);
  expect(all()).toEqual(["a poll", "b poll", "c poll"]);
  await advance(60_000);
  expect(all()).toEqual(["a poll", "a poll", "b poll", "b poll", "c poll", "c poll"]);
  stop.abort();
  await done;
  expect(all()).toHaveLength(6);
});

test("a scan without services sleeps, and ends with the daemon", async () => {
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  const stop = new AbortController();
  const done = scanForDrift([], 60_000, { clock, stopping: stop.signal });
  expect(clock.sleeping()).toHaveLength(1);
  stop.abort();
  await done;
});

const broken = { name: "BROKEN", reason: "it died", code: "unit-failed", hold: null } as never;
const well = { name: "OK", code: "well", drift: "" } as never;

/** What a service is, and what is seen of its mounts; null: a symlink misleads. */
function mountPorts(
  bind: "mounted" | "absent" | null,
  state: object = { state: well },
  progress: object | null = null,
) {
  const observe = () => {
    if (bind === null) throw new Error("A symlink leads elsewhere");
    return { bind, hides: "" };
  };
  return {
    records: { get: (name: string) => aRecord(name, state) },
    underWays: { progressOf: () => progress as never },
    mounts: { observe },
  };
}

test("a changed mount point concerns the services at it and below it", () => {
  const loop = aLoop({ at: "/etc/app", below: "/etc/app/conf.d", beside: "/etc/app2", nowhere: null });
  enqueueBelow(new Set(["/etc/app"]), [loop], mountPorts("absent"));
  expect(loop.enqueued).toEqual(["at poll", "below poll"]);
});

test("a change that leaves a service its mounts reconciles it only when it is not well", () => {
  const enqueuedWith = (ports: ReturnType<typeof mountPorts>) => {
    const loop = aLoop({ app: "/etc/app" });
    enqueueBelow(new Set(["/etc/app"]), [loop], ports);
    return loop.enqueued.length;
  };
  expect(enqueuedWith(mountPorts("mounted"))).toBe(0);
  expect(enqueuedWith(mountPorts(null))).toBe(1);
  expect(enqueuedWith(mountPorts("mounted", { state: broken }))).toBe(1);
  const step = { step: "mount" };
  expect(enqueuedWith(mountPorts("mounted", { state: broken }, step))).toBe(0);
  expect(enqueuedWith(mountPorts("absent", { state: broken }, step))).toBe(1);
});

test("a new mount concerns the services inside it, and not the one that it is for", () => {
  const loop = aLoop({ at: "/etc/app", inside: "/etc/app/conf.d", beside: "/etc/app2", nowhere: null });
  enqueueInside("/etc/app" as AbsPath, [loop]);
  expect(loop.enqueued).toEqual(["inside poll"]);
});

test("a change of a unit goes to the loop that has its service", () => {
  const [one, two] = [aLoop({ a: null }), aLoop({ b: null })];
  enqueueService("b", [one, two]);
  expect([one.enqueued, two.enqueued]).toEqual([[], ["b poll"]]);
});

test("changed files reconcile a service, unless it is BROKEN or being deployed", () => {
  const loop = aLoop({ a: null });
  const changed = (state: object, progress: object | null) =>
    enqueueChanged("a", [loop], {
      records: { get: (name) => aRecord(name, state) },
      underWays: { progressOf: () => progress as never },
    });
  changed({ state: broken }, null);
  changed({}, { step: "publish" });
  expect(loop.enqueued).toEqual([]);
  changed({}, null);
  expect(loop.enqueued).toEqual(["a poll"]);
});

test("a poll that takes more than 20 minutes is reported, without the password of its upstream", () => {
  const loop = (busyMs: number) => ({
    busyMs: () => busyMs,
    group: { upstream: "https://me:hunter2@example.com/config" },
  });
  expect(stuckReason([loop(0), loop(20 * 60_000)])).toBe("");
  const reason = stuckReason([loop(0), loop(20 * 60_000 + 1)]);
  expect(reason).toMatch(/example\.com\/config does not come to an end; restart the daemon$/);
  expect(reason).not.toContain("hunter2");
});
