import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import type { Loaded } from "../../src/daemon/config/load-config.ts";
import { watchConfig } from "../../src/daemon/config/watch-config.ts";
import { untilAborted } from "../../src/platform/abort.ts";
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

/** Waits take 1 ms, those of 30 s for ever unless one `passes`; it returns the requested waits. */
function aFastClock(passes: boolean): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    waits.push(ms);
    await (passes || ms < 30_000 ? systemClock.sleep(1, signal) : untilAborted(signal));
  };
  return { ...systemClock, sleep, waits };
}

type Options = Partial<Pick<Parameters<typeof watchConfig>[3], "watch">> & {
  readonly path?: string;
  readonly load?: () => Promise<Loaded>;
  readonly current?: string;
  /** False: changes are reported. */
  readonly passes?: boolean;
};

function watching(options: Options = {}) {
  const controller = new AbortController();
  stop.add(controller);
  const lines: string[] = [];
  const note = (first: unknown, second?: string) => void lines.push(second ?? String(first));
  const log = { debug: note, info: note, warn: note, error: note };
  const clock = aFastClock(options.passes ?? true);
  const loads = vi.fn(options.load ?? (() => load()));
  const hands = { log, clock, signal: controller.signal, ...(options.watch && { watch: options.watch }) };
  const changed = watchConfig(options.path ?? path, options.current ?? "valid 1", loads, hands);
  return { changed, lines, clock, loads, stop: () => controller.abort() };
}

test("a valid change is returned, an invalid one is logged once, and a return to the old config is neither", async () => {
  writeFileSync(path, "valid 1");
  const { changed, lines, loads } = watching({ passes: false });
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

test("a failed read is logged and retried, without another change", async () => {
  writeFileSync(path, "valid 2");
  let looks = 0;
  const { changed, lines, clock } = watching({
    load: () => (++looks < 3 ? Promise.reject(new Error("getent: no end after 30 s")) : load()),
  });
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(lines).toEqual(Array(2).fill("cannot look at the config; the old one goes on"));
  expect(clock.waits).toContain(30_000);
});

/** As where the kernel has no more watches to give. */
const refuses = () => {
  throw Object.assign(new Error("ENOSPC: no space left on device, watch"), { code: "ENOSPC" });
};

test("without a watch the file is checked every 30 s, after one warning", async () => {
  writeFileSync(path, "valid 1");
  const { changed, lines, loads, clock } = watching({ watch: refuses });
  await vi.waitFor(() => expect(loads).toHaveBeenCalledTimes(1));
  writeFileSync(path, "valid 2");
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(lines).toEqual([expect.stringMatching(/^cannot watch \/: ENOSPC.*every 30 s/)]);
  expect(clock.waits.every((ms) => ms === 30_000)).toBe(true);
});

/** A release, as root has several of them; the path leads to the one that is current. */
function release(name: string, text: string): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "config.toml"), text);
  return directory;
}

function turn(link: string, to: string): void {
  symlinkSync(to, `${link}.new`);
  renameSync(`${link}.new`, link);
}

test("a symlink on the way that is turned, one behind it, and a directory that is swapped are seen", async () => {
  const [a, b, c] = [release("a", "valid 1"), release("b", "valid 2"), release("c", "valid 3")];
  const current = join(scratch, "current");
  const behind = join(scratch, "behind");
  turn(behind, a);
  turn(current, "behind");
  const from = join(current, "config.toml");
  const see = (text: string) =>
    watching({ path: from, current: text, load: () => load(from), passes: false });

  const first = see("valid 1");
  await vi.waitFor(() => expect(first.loads).toHaveBeenCalledTimes(1));
  turn(behind, "b");
  expect(await first.changed).toMatchObject({ text: "valid 2" });

  const second = see("valid 2");
  await vi.waitFor(() => expect(second.loads).toHaveBeenCalledTimes(1));
  turn(current, c);
  expect(await second.changed).toMatchObject({ text: "valid 3" });

  const third = see("valid 3");
  await vi.waitFor(() => expect(third.loads).toHaveBeenCalledTimes(1));
  renameSync(c, join(scratch, "old"));
  renameSync(b, c);
  expect(await third.changed).toMatchObject({ text: "valid 2" });
});

test("changes without events, such as a mount over the directory, are noticed by the file itself", async () => {
  writeFileSync(path, "valid 1");
  const hears = (() => ({ on: () => ({ close: () => {} }) })) as unknown as NonNullable<Options["watch"]>;
  const { changed, loads } = watching({ watch: hears });
  await vi.waitFor(() => expect(loads).toHaveBeenCalledTimes(1));
  writeFileSync(path, "valid 2");
  expect(await changed).toMatchObject({ text: "valid 2" });
  expect(loads).toHaveBeenCalledTimes(2);
});
