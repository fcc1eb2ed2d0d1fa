import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { aService, conf, etc } from "../../test/builders/observed.ts";
import { Problem } from "../model/problem.ts";
import type { Log } from "../platform/log.ts";
import { Aside, resume, stepAside } from "./aside.ts";

const log = { error: () => {}, warn: () => {}, info: () => {} } as unknown as Log;
const untilAsleep = () => new Promise((resolve) => setImmediate(resolve));
const never = new Promise<void>(() => {});

/** `done` has what was unmounted and enqueued, in order. */
function aScene(links = [etc, conf], idle: Promise<void> = Promise.resolve()) {
  const done: string[] = [];
  const clock = new FakeClock("2026-11-24T12:00:00Z");
  const stop = new AbortController();
  const aside = new Aside();
  const ports = {
    ...{ aside, clock, log, stopping: stop.signal },
    mounts: {
      suspend: async (_: unknown, targets: readonly string[]) => void done.push(`unmount ${targets}`),
    },
  };
  const loop = { enqueue: (service: string) => void done.push(`enqueue ${service}`), idle: () => idle };
  return { done, clock, stop, aside, ports, placed: [{ loop, service: aService({ links }) }] };
}

const request = { service: "app", forMs: 60_000 };

test("only single files are unmounted, and come back when the time is over", async () => {
  const { done, clock, aside, ports, placed } = aScene();
  expect(await stepAside(placed, request, ports)).toEqual({
    ok: true,
    message: "unmounted /etc/app.conf until 2026-11-24 12:01 UTC, or you resume",
  });
  expect([done, aside.has("app")]).toEqual([["unmount /etc/app.conf"], true]);
  clock.advance(60_000);
  await untilAsleep();
  expect([done.at(-1), aside.has("app")]).toEqual(["enqueue app", false]);
});

test("a resume ends it early, once", async () => {
  const { done, clock, aside, ports, placed } = aScene();
  await stepAside(placed, request, ports);
  expect(resume(placed, aside)).toMatchObject({ message: "mounting again: app" });
  expect(resume(placed, aside)).toMatchObject({ message: "no service is aside" });
  clock.advance(60_000);
  await untilAsleep();
  expect(done.filter((each) => each === "enqueue app")).toHaveLength(1);
});

test("a service that is deployed for longer than 8 s keeps its files, and is not aside", async () => {
  const { done, clock, aside, ports, placed } = aScene([conf], never);
  const answer = stepAside(placed, request, ports);
  await untilAsleep();
  clock.advance(8_000);
  expect(await answer).toEqual({
    ...{ ok: false, why: "refused" },
    message: "Cannot step aside: app is being deployed; try again when that is done",
  });
  expect([done, aside.has("app")]).toEqual([["enqueue app"], false]);
});

test("a mount that stays is reported, and the service is reconciled again", async () => {
  const { done, aside, ports, placed } = aScene();
  const suspend = () => Promise.reject(new Problem("host", "Cannot unmount /etc/app.conf"));
  expect(await stepAside(placed, request, { ...ports, mounts: { suspend } })).toMatchObject({
    message: "Cannot step aside: Cannot unmount /etc/app.conf",
  });
  expect([done, aside.has("app")]).toEqual([["enqueue app"], false]);
});

test("a service without single files is not set aside", async () => {
  const { done, aside, ports, placed } = aScene([etc]);
  expect(await stepAside(placed, request, ports)).toEqual({ ok: true, message: "no single file is mounted" });
  expect([done, aside.has("app")]).toEqual([[], false]);
});

test("a second request replaces the first one's time", async () => {
  const { done, clock, aside, ports, placed } = aScene();
  await stepAside(placed, request, ports);
  await stepAside(placed, { ...request, forMs: 120_000 }, ports);
  clock.advance(60_000);
  await untilAsleep();
  expect([done.includes("enqueue app"), aside.has("app")]).toEqual([false, true]);
  expect(aside.words("app")).toContain("until 2026-11-24 12:02 UTC");
});
