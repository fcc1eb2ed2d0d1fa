import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import type { Loaded } from "../../src/daemon/load-config.ts";
import { watchConfig } from "../../src/daemon/watch-config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { systemClock } from "../../src/platform/clock.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-watch-"));
const path = join(scratch, "config.toml");
const stop = new Set<AbortController>();
afterEach(() => {
  for (const controller of stop) controller.abort();
  rmSync(path, { force: true });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A config is valid when it says so. */
function load(from = path): Promise<Loaded> {
  const text = readFileSync(from, "utf8");
  const valid = { ok: true, text, settings: { services: [], machines: [], keys: [] }, accounts: new Map() };
  return Promise.resolve(
    text.startsWith("valid") ? (valid as unknown as Loaded) : { ok: false, lines: [`${text}: bad`] },
  );
}

/** Waits of 30 s take 1 ms; it tells which were asked for. */
function aFastClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const sleep = (ms: number, signal: AbortSignal) => {
    waits.push(ms);
    return systemClock.sleep(1, signal);
  };
  return { ...systemClock, sleep, waits };
}

function watching(options: { path?: string; load?: () => Promise<Loaded>; current?: string } = {}) {
  const controller = new AbortController();
  stop.add(controller);
  const lines: string[] = [];
  const note = (first: unknown, second?: string) => void lines.push(second ?? String(first));
  const log = { debug: note, info: note, warn: note, error: note };
  const clock = aFastClock();
  const loads = vi.fn(options.load ?? (() => load()));
  const hands = { log, clock, signal: controller.signal };
  const changed = watchConfig(options.path ?? path, options.current ?? "valid 1", loads, hands);
  return { changed, lines, clock, loads, stop: () => controller.abort() };
}

test("a valid change is an answer, an invalid one is told once, and the way back to the old one is neither", async () => {
  writeFileSync(path, "valid 1");
  const { changed, lines, loads } = watching();
  await vi.waitFor(() => expect(loads).toHaveBeenCalledTimes(1));
  writeFileSync(path, "not");
  await vi.waitFor(() => expect(lines).toContain("not: bad"));
  const count = lines.length;
  writeFileSync(path, "valid 1");
  await vi.waitFor(() => expect(loads.mock.calls.length).toBeGreaterThan(2));
  writeFileSync(path, "valid 2");
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(lines).toHaveLength(count);
});

test("a change that came before the watch is seen", async () => {
  writeFileSync(path, "valid 2");
  expect(await watching().changed).toMatchObject({ text: "valid 2" });
});

test("a look that fails is told and tried again, without another change", async () => {
  writeFileSync(path, "valid 2");
  let looks = 0;
  const { changed, lines, clock } = watching({
    load: () => (++looks < 3 ? Promise.reject(new Error("getent: no end after 30 s")) : load()),
  });
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(lines).toEqual(Array(2).fill("cannot look at the config; the old one goes on"));
  expect(clock.waits).toContain(30_000);
});

test("without a watch it looks again and again, after one warning", async () => {
  writeFileSync(path, "valid 1");
  const { changed, lines, loads, clock } = watching({ path: "/nonexistent/config.toml" });
  await vi.waitFor(() => expect(loads.mock.calls.length).toBeGreaterThan(3));
  writeFileSync(path, "valid 2");
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(lines).toEqual([expect.stringMatching(/^cannot watch \/nonexistent: .*every 30 s/)]);
  expect(clock.waits.every((ms) => ms === 30_000)).toBe(true);
});

test.each([
  ["waits", () => load()],
  ["looks", () => new Promise<Loaded>(() => {})],
])("stopped while it %s, it answers false", async (_, hung) => {
  writeFileSync(path, "valid 1");
  const { changed, loads, stop } = watching({ load: hung });
  await vi.waitFor(() => expect(loads).toHaveBeenCalled());
  stop();
  expect(await changed).toBeNull();
});
