import { expect, onTestFinished, test, vi } from "vitest";
import { createCollectAtRest } from "./collect-at-rest.ts";

test("garbage is collected once after each busy time, and not during it", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const collect = vi.fn();
  const onWork = createCollectAtRest(collect);

  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledTimes(0);

  for (let second = 0; second < 30; second++) {
    onWork();
    vi.advanceTimersByTime(1_000);
  }
  expect(collect).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledTimes(1);

  onWork();
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledTimes(2);
});
