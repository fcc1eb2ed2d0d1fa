import { expect, test } from "vitest";
import { SharedLock } from "./shared-lock.ts";

test("an exclusive holder waits for the shared ones, and those that come later wait for it", async () => {
  const lock = new SharedLock();
  const seen: string[] = [];
  const enter = (name: string, until: Promise<void>) =>
    lock.shared(async () => {
      seen.push(`${name} in`);
      await until;
      seen.push(`${name} out`);
    });
  const [slow, lonely] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = enter("slow", slow.promise);
  const alone = lock.exclusive(async () => {
    seen.push("alone in");
    await lonely.promise;
    seen.push("alone out");
  });
  await enter("quick", Promise.resolve());
  slow.resolve();
  await first;
  await expect.poll(() => seen.at(-1)).toBe("alone in");
  const late = enter("late", Promise.resolve());
  lonely.resolve();
  await Promise.all([alone, late]);
  expect(seen).toEqual([
    ...["slow in", "quick in", "quick out", "slow out"],
    ...["alone in", "alone out", "late in", "late out"],
  ]);
});

test("a failure lets the others in", async () => {
  const lock = new SharedLock();
  await expect(lock.shared(() => Promise.reject(new Error("a")))).rejects.toThrow("a");
  await expect(lock.exclusive(() => Promise.reject(new Error("b")))).rejects.toThrow("b");
  expect(await lock.shared(async () => "in")).toBe("in");
});
