import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FairSemaphore, type FairSemaphoreSettings } from "./fair-semaphore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** `run` starts work that runs until `end`; `begun` lists the work that has a slot or had one, in order. */
function startScene(settings: FairSemaphoreSettings) {
  const semaphore = new FairSemaphore(settings);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (owner: string, name: string) =>
    semaphore.run(owner, () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(name, resolve);
      return promise;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { limit: semaphore, begun, run, end };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

test("no more runs at once than there are slots", async () => {
  const { limit: semaphore, begun, run, end } = startScene({ slots: 2 });
  for (const name of ["a1", "a2", "a3"]) void run("a", name);
  await settled();
  expect(begun).toEqual(["a1", "a2"]);
  expect(semaphore.waiting).toBe(1);
  await end("a2");
  expect(begun).toEqual(["a1", "a2", "a3"]);
  expect(semaphore.waiting).toBe(0);
});

test("work that gives up waiting takes no slot and blocks no other work", async () => {
  const { limit: semaphore, begun, run, end } = startScene({ slots: 1 });
  void run("a", "a1");
  const leaving = new AbortController();
  const left = semaphore.run("b", async () => void begun.push("b1"), leaving.signal).catch((why) => why);
  void run("c", "c1");
  leaving.abort("enough");
  expect(await left).toBe("enough");
  expect(semaphore.waiting).toBe(1);
  await end("a1");
  expect(begun).toEqual(["a1", "c1"]);
  const late = semaphore.run("b", async () => {}, leaving.signal).catch((why) => why);
  expect(await late).toBe("enough");
});

test("a late owner with little work waits for one slot of every other owner, not for their whole queues", async () => {
  const { begun, run, end } = startScene({ slots: 1 });
  for (const name of ["a1", "a2", "a3", "a4"]) void run("a", name);
  void run("b", "b1");
  void run("c", "c1");
  await settled();
  for (const name of ["a1", "a2", "b1", "c1", "a3"]) await end(name);
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "a4"]);
});

test("slow work releases its slot, once", async () => {
  const { begun, run, end } = startScene({ slots: 1, yieldAfterMs: 1_000 });
  void run("slow", "slow");
  for (const name of ["b1", "b2", "b3"]) void run("b", name);
  await vi.advanceTimersByTimeAsync(999);
  expect(begun).toEqual(["slow"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["slow", "b1"]);
  // Its end releases no second slot.
  await end("slow");
  expect(begun).toEqual(["slow", "b1"]);
  await end("b1");
  expect(begun).toEqual(["slow", "b1", "b2"]);
});

test("slow work of one owner stops that owner at its limit, and no other", async () => {
  const { begun, run, end } = startScene({ slots: 2, yieldAfterMs: 1_000, perOwnerMax: 2 });
  for (const name of ["a1", "a2", "a3"]) void run("a", name);
  void run("b", "b1");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun).toEqual(["a1", "a2", "b1"]);
  await end("a1");
  expect(begun).toEqual(["a1", "a2", "b1", "a3"]);
});

test("a failure is passed on and releases the slot", async () => {
  const { limit: semaphore, begun, run } = startScene({ slots: 1 });
  const failing = semaphore.run("a", () => Promise.reject(new Error("no")));
  void run("a", "a1");
  await expect(failing).rejects.toThrow("no");
  await settled();
  expect(begun).toEqual(["a1"]);
});
