import { expect, test } from "vitest";
import { createYieldToEventLoop, inBatches } from "./yield-to-event-loop.ts";

test("at most one batch is read between two yields, and the items keep their order", async () => {
  const count = 100_000;
  let sinceYield = 0;
  let most = 0;
  function* numbers() {
    for (let number = 0; number < count; number++) {
      most = Math.max(most, ++sinceYield);
      yield number;
    }
  }
  const yieldToEventLoop = async () => {
    sinceYield = 0;
  };
  let next = 0;
  for await (const batch of inBatches(numbers(), yieldToEventLoop))
    for (const number of batch) if (number === next) next += 1;
  expect(next).toBe(count);
  expect(most).toBe(64);
});

test("a consumer that stops early closes the source", async () => {
  let closed = false;
  function* numbers() {
    try {
      for (let number = 0; ; number++) yield number;
    } finally {
      closed = true;
    }
  }
  for await (const [first] of inBatches(numbers())) if (first !== undefined && first > 100) break;
  expect(closed).toBe(true);
});

test("other callbacks run while a loop yields again and again", async () => {
  const yieldToEventLoop = createYieldToEventLoop();
  let hasRun = false;
  setImmediate(() => {
    hasRun = true;
  });
  while (!hasRun) await yieldToEventLoop();
  expect(hasRun).toBe(true);
});
