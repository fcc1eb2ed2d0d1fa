import { expect, test, vi } from "vitest";
import type { Clock } from "../../platform/clock.ts";
import type { Loaded } from "./load-config.ts";
import { watchHostname } from "./watch-hostname.ts";

const good = { ok: true } as Loaded;
const bad: Loaded = { ok: false, lines: ["c.toml: no service is for this host"] };

/** Each look finds the next of these names; after the last one the daemon stops. */
function watching(seen: readonly string[], load: () => Promise<Loaded>) {
  const stop = new AbortController();
  const left = [...seen];
  const clock = { sleep: async () => void (left.length === 0 && stop.abort()) } as unknown as Clock;
  const lines: string[] = [];
  const note = (line: unknown) => void lines.push(String(line));
  const log = { debug: note, info: note, warn: note, error: note };
  const names = () => [left.shift() ?? ""];
  return { lines, changed: watchHostname(["early"], load, { log, clock, signal: stop.signal, names }) };
}

test("another name is taken up when the config can be used under it", async () => {
  const { lines, changed } = watching(["early", "web1"], async () => good);
  expect(await changed).toBe(good);
  expect(lines).toEqual(["this host answers to web1 now: gitopper takes up the services of these names"]);
});

test("a name that the config cannot be used under is reported once, and the way back is not", async () => {
  const load = vi.fn(async () => bad);
  const { lines, changed } = watching(["web2", "web2", "early", "early"], load);
  expect(await changed).toBeNull();
  expect(lines).toEqual([
    "c.toml: no service is for this host",
    "this host answers to web2 now: gitopper goes on with those of early",
  ]);
  expect(load).toHaveBeenCalledTimes(1);
});
