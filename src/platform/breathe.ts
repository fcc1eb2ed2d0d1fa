/** Lets others have their turn during long work that does not wait for anything by itself. */
import { setImmediate } from "node:timers/promises";

const everyMs = 5;

/** Answers a function to call often; it waits only when enough time has passed since the last time. */
export function createBreathe(): () => Promise<void> {
  let breathedAt = performance.now();
  return async () => {
    if (performance.now() - breathedAt < everyMs) return;
    await setImmediate();
    breathedAt = performance.now();
  };
}
