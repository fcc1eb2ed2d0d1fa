import { expect, test } from "vitest";
import type { Trigger } from "../../model/deployment/deployment.ts";
import type { ReconcileRequest } from "../../reconcile/reconcile-request.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";

const request = (trigger: Trigger, overrideWindow = false): ReconcileRequest => ({
  trigger,
  overrideWindow,
  by: "",
  reason: "",
});

test("any number of requests during a reconcile bring one more, with the more specific trigger and what any of them may", async () => {
  const reconciles: ReconcileRequest[] = [];
  const gate = Promise.withResolvers<void>();
  const queue = new ReconcileQueue(
    async (each) => {
      reconciles.push(each);
      await gate.promise;
    },
    () => {},
  );
  queue.enqueue(request("poll"));
  for (const trigger of ["poll", "pull", "poll", "poll"] as const)
    queue.enqueue(request(trigger, trigger === "pull"));
  gate.resolve();
  await queue.idle();
  expect(reconciles).toEqual([request("poll"), request("pull", true)]);
});

test("a bug in a reconcile is reported, and does not stop the next", async () => {
  const bugs: unknown[] = [];
  let reconciles = 0;
  const queue = new ReconcileQueue(
    async () => {
      reconciles += 1;
      throw new Error("oops");
    },
    (error) => bugs.push(error),
  );
  queue.enqueue(request("poll"));
  await queue.idle();
  queue.enqueue(request("poll"));
  await queue.idle();
  expect([reconciles, bugs.length]).toEqual([2, 2]);
});
