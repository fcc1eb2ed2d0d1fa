import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { createTrimmer } from "./trim-memory.ts";

test("memory is given back once after a burst of work, again in work that goes on, and never in between", async () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const stop = new AbortController();
  let trims = 0;
  const worked = createTrimmer(clock, stop.signal, () => (trims += 1));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  for (let call = 0; call < 10; call++) worked();
  await pass(4_999);
  expect(trims).toBe(0);
  await pass(1);
  await pass(60_000);
  expect(trims).toBe(1);
  for (let second = 0; second < 60; second++) {
    worked();
    await pass(1_000);
  }
  expect(trims).toBe(13);
  worked();
  stop.abort();
  await pass(5_000);
  expect(trims).toBe(13);
});
