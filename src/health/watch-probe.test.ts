import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { type Answer, bad, good } from "./answer.ts";
import { watchProbe } from "./watch-probe.ts";

const never = Promise.withResolvers<Answer>().promise;

/** Plays a probe that is asked each second, with what it is answered in this order; the last answer stays. */
async function play(
  terms: { settle: number; deadline: number },
  answers: readonly ("good" | "bad" | "none")[],
) {
  const clock = new FakeClock("2026-11-25T00:00:00Z");
  let asked = 0;
  const ask = () => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer === "none"
      ? never
      : Promise.resolve(answer === "good" ? good : bad(`said no (${asked})`, "no\n"));
  };
  const watch = { name: "probe", intervalMs: 1_000, ask };
  const times = { settleMs: terms.settle * 1_000, deadlineMs: terms.deadline * 1_000 };
  const over = new AbortController();
  let end: string | null = null;
  watchProbe({ ...watch, ...times }, clock, over.signal).then(
    () => (end = "well"),
    (error: Error) => (end = error.message),
  );
  for (let second = 0; second < 100; second += 1) {
    await setImmediate();
    if (end !== null) return { end, second, asked };
    clock.advance(1_000);
  }
  over.abort();
  throw new Error("It came to no end");
}

test("a probe that passes is well when the service has settled, not earlier", async () => {
  expect(await play({ settle: 10, deadline: 10 }, ["good"])).toEqual({ end: "well", second: 10, asked: 10 });
});

test("one that is slow to pass is waited for until its deadline, before and after the settling", async () => {
  expect(await play({ settle: 3, deadline: 30 }, ["bad", "bad", "bad", "bad", "bad", "good"])).toEqual({
    end: "well",
    second: 5,
    asked: 6,
  });
  expect(await play({ settle: 3, deadline: 8 }, ["bad"])).toMatchObject({ second: 8, asked: 8 });
  expect(await play({ settle: 60, deadline: 4 }, ["bad"])).toMatchObject({
    end: "probe said no (4)",
    second: 4,
  });
});

test("one that passed and fails may recover until the settling ends, or its deadline where that is later", async () => {
  const flaps = ["good", "bad", "bad", "bad", "good"] as const;
  expect(await play({ settle: 10, deadline: 2 }, flaps)).toMatchObject({ end: "well", second: 10 });
  expect(await play({ settle: 2, deadline: 10 }, flaps)).toMatchObject({ end: "well", second: 4 });
  expect(await play({ settle: 10, deadline: 2 }, ["good", "bad"])).toMatchObject({ second: 10 });
  expect(await play({ settle: 2, deadline: 10 }, ["good", "good", "bad"])).toMatchObject({
    end: "well",
    second: 2,
  });
});

test("without settling and deadline one answer decides", async () => {
  expect(await play({ settle: 0, deadline: 0 }, ["good"])).toEqual({ end: "well", second: 0, asked: 1 });
  expect(await play({ settle: 0, deadline: 0 }, ["bad"])).toEqual({
    end: "probe said no (1)",
    second: 0,
    asked: 1,
  });
});

test("an answer that is not in by then does not count", async () => {
  expect(await play({ settle: 5, deadline: 5 }, ["good", "none"])).toEqual({
    end: "well",
    second: 5,
    asked: 2,
  });
  expect(await play({ settle: 5, deadline: 5 }, ["bad", "none"])).toMatchObject({ end: "probe said no (1)" });
});
