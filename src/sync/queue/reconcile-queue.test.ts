import { expect, test } from "vitest";
import type { Trigger } from "../../model/deployment.ts";
import type { ReconcileRequest } from "../../reconcile/reconcile-request.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";

const asked = (trigger: Trigger, overrideWindow = false): ReconcileRequest => ({
  trigger,
  overrideWindow,
  by: "",
  reason: "",
});

test("while a turn is under way any number of asks bring one more, with the more telling trigger and what any of them may", async () => {
  const turns: ReconcileRequest[] = [];
  const gate = Promise.withResolvers<void>();
  const lane = new ReconcileQueue(
    async (turn) => {
      turns.push(turn);
      await gate.promise;
    },
    () => {},
  );
  lane.enqueue(asked("poll"));
  for (const trigger of ["poll", "pull", "poll", "poll"] as const)
    lane.enqueue(asked(trigger, trigger === "pull"));
  gate.resolve();
  await lane.idle();
  expect(turns).toEqual([asked("poll"), asked("pull", true)]);
});

test("a bug in a turn is told, and does not stop the next", async () => {
  const bugs: unknown[] = [];
  let turns = 0;
  const lane = new ReconcileQueue(
    async () => {
      turns += 1;
      throw new Error("oops");
    },
    (error) => bugs.push(error),
  );
  lane.enqueue(asked("poll"));
  await lane.idle();
  lane.enqueue(asked("poll"));
  await lane.idle();
  expect([turns, bugs.length]).toEqual([2, 2]);
});
