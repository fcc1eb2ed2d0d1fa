import { expect, test } from "vitest";
import type { Trigger } from "../model/deployment.ts";
import type { Asked } from "../reconcile/reconcile-request.ts";
import { Lane } from "./reconcile-queue.ts";

const asked = (trigger: Trigger, overrideWindow = false): Asked => ({
  trigger,
  overrideWindow,
  by: "",
  reason: "",
});

test("while a turn is under way any number of asks bring one more, with the more telling trigger and what any of them may", async () => {
  const turns: Asked[] = [];
  const gate = Promise.withResolvers<void>();
  const lane = new Lane(
    async (turn) => {
      turns.push(turn);
      await gate.promise;
    },
    () => {},
  );
  lane.ask(asked("poll"));
  for (const trigger of ["poll", "pull", "poll", "poll"] as const)
    lane.ask(asked(trigger, trigger === "pull"));
  gate.resolve();
  await lane.idle();
  expect(turns).toEqual([asked("poll"), asked("pull", true)]);
});

test("a bug in a turn is told, and does not stop the next", async () => {
  const bugs: unknown[] = [];
  let turns = 0;
  const lane = new Lane(
    async () => {
      turns += 1;
      throw new Error("oops");
    },
    (error) => bugs.push(error),
  );
  lane.ask(asked("poll"));
  await lane.idle();
  lane.ask(asked("poll"));
  await lane.idle();
  expect([turns, bugs.length]).toEqual([2, 2]);
});
