import { expect, test } from "vitest";
import { during, duringSync, whileItRuns } from "./span.ts";

test("without a listener a span only runs its work", async () => {
  const work = Promise.resolve({ status: 0, why: null });
  expect(during({ name: "a" }, () => work)).toBe(work);
  expect(whileItRuns({ argv: ["true"], pid: 1 }, () => work)).toBe(work);
  expect(duringSync({ name: "b" }, () => 7)).toBe(7);
});
