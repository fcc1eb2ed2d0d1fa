import { expect, test } from "vitest";
import { FakeClock } from "../../../test/builders/fake-clock.ts";
import type { Commit } from "../../model/commit.ts";
import { UnderWay } from "./under-way.ts";

test("what a probe says within the second after the last is reported when that second is over", () => {
  const clock = new FakeClock("2026-11-28T10:00:00Z");
  const reported: string[] = [];
  const start = {
    ...{
      service: "app",
      commit: "a".repeat(40) as Commit,
      trigger: "pull" as const,
      by: "",
      since: clock.now(),
    },
  };
  const underWay = new UnderWay(start, {
    clock,
    publish: (event) => void (event.type === "progress" && reported.push(event.progress.probe)),
  });
  underWay.enter("health", "");
  for (const [afterMs, said] of [
    [0, "healthy 0/3 s"],
    [999, "healthy 1/3 s"],
    [100, "healthy 1/3 s"],
    [100, "healthy 1/3 s"],
  ] as const) {
    clock.advance(afterMs);
    underWay.probed(said);
  }
  expect(reported).toEqual(["", "healthy 0/3 s", "healthy 1/3 s"]);
});
