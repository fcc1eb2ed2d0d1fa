import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { SharedWrites, type Write } from "./shared-writes.ts";

/** A file that takes writes or fails as a whole; `written` has what each transaction has committed. */
function aFile() {
  const written: string[][] = [];
  let open: string[] = [];
  const together = <T>(work: () => T): T => {
    open = [];
    const result = work();
    written.push(open);
    return result;
  };
  const follows: string[] = [];
  const write =
    (what: string): Write<string> =>
    () => {
      if (what.startsWith("bad")) throw new Error(`${what} cannot be written`);
      open.push(what);
      return () => {
        follows.push(`${what} after ${written.length}`);
        return what;
      };
    };
  const shared = new SharedWrites(together);
  return { written, follows, add: (what: string) => shared.add(write(what)) };
}

test("writes of the same turn are one transaction, and what follows comes after it", async () => {
  const { written, follows, add } = aFile();
  expect(await Promise.all([add("a"), add("b")])).toEqual(["a", "b"]);
  expect(written).toEqual([["a", "b"]]);
  expect(follows).toEqual(["a after 1", "b after 1"]);
  await add("c");
  expect(written).toEqual([["a", "b"], ["c"]]);
});

test("a write that fails keeps no other from being written, and has its own error", async () => {
  const { written, add } = aFile();
  const all = await Promise.allSettled([add("a"), add("bad"), add("b")]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(all[1]).toMatchObject({ reason: new Error("bad cannot be written") });
  expect(written).toEqual([["a"], ["b"]]);
});

test("an error in what follows is reported, and nothing is written twice", async () => {
  const written: string[] = [];
  const shared = new SharedWrites((work) => work());
  const fails = shared.add(() => {
    written.push("a");
    return () => {
      throw new Error("a listener failed");
    };
  });
  const other = shared.add(() => () => "b");
  await expect(fails).rejects.toThrow("a listener failed");
  expect(await other).toBe("b");
  await setImmediate();
  expect(written).toEqual(["a"]);
});
