import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { type Answer, bad, good } from "./answer.ts";
import { watchProbe } from "./watch-probe.ts";

const never = Promise.withResolvers<Answer>().promise;

/** Runs a probe each second with these answers in order; the last answer repeats. */
async function play(
  terms: { settle: number; deadline: number },
  answers: readonly ("good" | "bad" | "late" | "none")[],
) {
  const clock = new FakeClock("2026-11-25T00:00:00Z");
  const over = new AbortController();
  let asked = 0;
  const ask = () => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer === "late") return clock.sleep(5_000, over.signal).then(() => bad("gave no answer"));
    return answer === "none"
      ? never
      : Promise.resolve(answer === "good" ? good : bad(`said no (${asked})`, "no\n"));
  };
  const watch = { name: "probe", intervalMs: 1_000, ask };
  const times = { settleMs: terms.settle * 1_000, deadlineMs: terms.deadline * 1_000 };
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

test("a probe passes with an answer requested at the end of the stability window, not earlier", async () => {
  expect(await play({ settle: 10, deadline: 10 }, ["good"])).toEqual({ end: "well", second: 10, asked: 11 });
  expect(await play({ settle: 1, deadline: 5 }, ["good"])).toEqual({ end: "well", second: 1, asked: 2 });
});

test("one good answer, which may come from what was there before the change, decides nothing", async () => {
  expect(await play({ settle: 1, deadline: 5 }, ["good", "bad"])).toMatchObject({
    end: "probe said no (5)",
    second: 5,
  });
  expect(await play({ settle: 1, deadline: 1 }, ["good", "bad"])).toMatchObject({
    end: "probe said no (2)",
    second: 1,
  });
  expect(await play({ settle: 0, deadline: 5 }, ["good", "bad"])).toMatchObject({
    end: "probe said no (5)",
    second: 5,
  });
  expect(await play({ settle: 3, deadline: 3 }, ["bad", "bad", "bad", "good"])).toMatchObject({ second: 3 });
});

test("a slow probe may pass until its deadline, before or after the end of the stability window", async () => {
  expect(await play({ settle: 3, deadline: 30 }, ["bad", "bad", "bad", "bad", "bad", "good"])).toEqual({
    end: "well",
    second: 6,
    asked: 7,
  });
  expect(await play({ settle: 3, deadline: 8 }, ["bad"])).toMatchObject({ second: 8, asked: 8 });
  expect(await play({ settle: 60, deadline: 4 }, ["bad"])).toMatchObject({
    end: "probe said no (4)",
    second: 4,
  });
});

test("a failing probe that had passed may recover until the stability window or its deadline ends, whichever is later", async () => {
  const flaps = ["good", "bad", "bad", "bad", "good"] as const;
  expect(await play({ settle: 10, deadline: 2 }, flaps)).toMatchObject({ end: "well", second: 10 });
  expect(await play({ settle: 2, deadline: 10 }, flaps)).toMatchObject({ end: "well", second: 5 });
  expect(await play({ settle: 10, deadline: 2 }, ["good", "bad"])).toMatchObject({ second: 10 });
  expect(await play({ settle: 2, deadline: 10 }, ["good", "good", "bad"])).toMatchObject({
    end: "probe said no (10)",
    second: 10,
  });
});

test("a bad answer decides at a deadline of nothing", async () => {
  expect(await play({ settle: 0, deadline: 0 }, ["bad"])).toEqual({
    end: "probe said no (1)",
    second: 0,
    asked: 1,
  });
});

test("after a bad answer none is waited for beyond the deadline, after a good one it is", async () => {
  expect(await play({ settle: 5, deadline: 5 }, ["bad", "none"])).toMatchObject({
    end: "probe said no (1)",
    second: 5,
  });
  expect(await play({ settle: 5, deadline: 5 }, ["good", "late"])).toMatchObject({
    end: "probe gave no answer",
    second: 6,
  });
});
