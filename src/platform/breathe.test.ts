import { expect, test } from "vitest";
import { createBreathe, handfuls } from "./breathe.ts";

test("no more than a handful is read between two breaths, and all of it comes in its order", async () => {
  const count = 100_000;
  let sinceBreath = 0;
  let most = 0;
  function* numbers() {
    for (let number = 0; number < count; number++) {
      most = Math.max(most, ++sinceBreath);
      yield number;
    }
  }
  const breathe = async () => {
    sinceBreath = 0;
  };
  let next = 0;
  for await (const some of handfuls(numbers(), breathe))
    for (const number of some) if (number === next) next += 1;
  expect(next).toBe(count);
  expect(most).toBe(64);
});

test("whoever stops early has what is read closed", async () => {
  let closed = false;
  function* numbers() {
    try {
      for (let number = 0; ; number++) yield number;
    } finally {
      closed = true;
    }
  }
  for await (const [first] of handfuls(numbers())) if (first !== undefined && first > 100) break;
  expect(closed).toBe(true);
});

test("others have their turn while somebody breathes all the time", async () => {
  const breathe = createBreathe();
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  while (!turned) await breathe();
  expect(turned).toBe(true);
});
