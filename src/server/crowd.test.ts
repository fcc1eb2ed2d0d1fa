import { expect, test } from "vitest";
import { Crowd } from "./crowd.ts";

test("each kind has its limit, and all together have one", () => {
  const crowd = new Crowd({ total: 3, each: 2 });
  const leave = crowd.enter("a");
  expect(crowd.enter("a")).not.toBeNull();
  expect(crowd.enter("a")).toBeNull();
  expect(crowd.enter("b")).not.toBeNull();
  expect(crowd.enter("c")).toBeNull();
  leave?.();
  expect(crowd.enter("c")).not.toBeNull();
});
