import { expect, test } from "vitest";
import { ConnectionLimiter } from "./connection-limiter.ts";

function aCrowd(limits: { total: number; each: number }) {
  const crowd = new ConnectionLimiter(limits);
  const gone: string[] = [];
  const enter = (name: string, rank = 0, above = 0) =>
    crowd.admit(name.slice(0, 1), { rank, evictsBelow: above, onEvicted: () => void gone.push(name) });
  return { gone, enter };
}

test("each kind has its limit, and all together have one", () => {
  const { enter, gone } = aCrowd({ total: 3, each: 2 });
  const first = enter("a1");
  expect(enter("a2")).not.toBeNull();
  expect(enter("a3")).toBeNull();
  expect(enter("b1")).not.toBeNull();
  expect(enter("c1")).toBeNull();
  first?.release();
  expect(enter("c2")).not.toBeNull();
  expect(gone).toEqual([]);
});

test("the oldest of the kind that is too many goes first, and the lowest rank before others", () => {
  const { enter, gone } = aCrowd({ total: 9, each: 3 });
  enter("b1");
  const first = enter("a1");
  enter("a2");
  enter("a3");
  first?.setRank(2);
  enter("a4", 0, 2);
  expect(gone).toEqual(["a2"]);
  first?.setRank(0);
  enter("a5", 0, 2);
  enter("a6", 0, 2);
  enter("a7", 0, 2);
  expect(gone).toEqual(["a2", "a3", "a4", "a1"]);
  // Its place is another one's by now.
  first?.release();
  enter("a8", 0, 2);
  expect(gone.at(-1)).toBe("a5");
});

test("when all together are too many, the kind with most of the lowest rank makes room", () => {
  const { enter, gone } = aCrowd({ total: 4, each: 3 });
  enter("a1");
  enter("b1");
  enter("b2");
  enter("c1", 1);
  enter("d1", 0, 2);
  expect(gone).toEqual(["b1"]);
});

test("no connection of a higher rank is evicted", () => {
  const { enter, gone } = aCrowd({ total: 2, each: 2 });
  enter("a1", 1);
  enter("b1", 2);
  expect(enter("c1", 1, 1)).toBeNull();
  expect(enter("c2", 2, 2)).not.toBeNull();
  expect(enter("c3", 2, 2)).toBeNull();
  expect(gone).toEqual(["a1"]);
});
