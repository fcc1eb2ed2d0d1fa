import { expect, test } from "vitest";
import { SharedLock } from "./shared-lock.ts";

test("who wants to be alone waits for those inside, and keeps out who comes later", async () => {
  const turnstile = new SharedLock();
  const seen: string[] = [];
  const enter = (name: string, until: Promise<void>) =>
    turnstile.shared(async () => {
      seen.push(`${name} in`);
      await until;
      seen.push(`${name} out`);
    });
  const [slow, lonely] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = enter("slow", slow.promise);
  const alone = turnstile.exclusive(async () => {
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
  const turnstile = new SharedLock();
  await expect(turnstile.shared(() => Promise.reject(new Error("a")))).rejects.toThrow("a");
  await expect(turnstile.exclusive(() => Promise.reject(new Error("b")))).rejects.toThrow("b");
  expect(await turnstile.shared(async () => "in")).toBe("in");
});
