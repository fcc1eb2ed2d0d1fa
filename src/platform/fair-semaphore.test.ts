import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FairLimit, type FairLimitSettings } from "./fair-semaphore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that runs until it is told to end, and what of it has begun, in order. */
function aScene(settings: FairLimitSettings) {
  const limit = new FairLimit(settings);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (owner: string, name: string) =>
    limit.run(owner, () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(name, resolve);
      return promise;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { limit, begun, run, end };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

test("no more runs at once than there are places", async () => {
  const { limit, begun, run, end } = aScene({ places: 2 });
  for (const name of ["a1", "a2", "a3"]) void run("a", name);
  await settled();
  expect(begun).toEqual(["a1", "a2"]);
  expect(limit.waiting).toBe(1);
  await end("a2");
  expect(begun).toEqual(["a1", "a2", "a3"]);
  expect(limit.waiting).toBe(0);
});

test("who gives up waiting gets no place, and keeps nobody from one", async () => {
  const { limit, begun, run, end } = aScene({ places: 1 });
  void run("a", "a1");
  const leaving = new AbortController();
  const left = limit.run("b", async () => void begun.push("b1"), leaving.signal).catch((why) => why);
  void run("c", "c1");
  leaving.abort("enough");
  expect(await left).toBe("enough");
  expect(limit.waiting).toBe(1);
  await end("a1");
  expect(begun).toEqual(["a1", "c1"]);
  const late = limit.run("b", async () => {}, leaving.signal).catch((why) => why);
  expect(await late).toBe("enough");
});

test("one who comes late with little waits for one turn of each other, not for all that they have", async () => {
  const { begun, run, end } = aScene({ places: 1 });
  for (const name of ["a1", "a2", "a3", "a4"]) void run("a", name);
  void run("b", "b1");
  void run("c", "c1");
  await settled();
  for (const name of ["a1", "a2", "b1", "c1", "a3"]) await end(name);
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "a4"]);
});

test("what takes long gives its place back, once", async () => {
  const { begun, run, end } = aScene({ places: 1, holdMs: 1_000 });
  void run("slow", "slow");
  for (const name of ["b1", "b2", "b3"]) void run("b", name);
  await vi.advanceTimersByTimeAsync(999);
  expect(begun).toEqual(["slow"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["slow", "b1"]);
  // Its end frees no second place.
  await end("slow");
  expect(begun).toEqual(["slow", "b1"]);
  await end("b1");
  expect(begun).toEqual(["slow", "b1", "b2"]);
});

test("one owner's long work keeps its own at the limit, and nobody else", async () => {
  const { begun, run, end } = aScene({ places: 2, holdMs: 1_000, ofOneMax: 2 });
  for (const name of ["a1", "a2", "a3"]) void run("a", name);
  void run("b", "b1");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun).toEqual(["a1", "a2", "b1"]);
  await end("a1");
  expect(begun).toEqual(["a1", "a2", "b1", "a3"]);
});

test("a failure is passed on, and frees its place", async () => {
  const { limit, begun, run } = aScene({ places: 1 });
  const failing = limit.run("a", () => Promise.reject(new Error("no")));
  void run("a", "a1");
  await expect(failing).rejects.toThrow("no");
  await settled();
  expect(begun).toEqual(["a1"]);
});
