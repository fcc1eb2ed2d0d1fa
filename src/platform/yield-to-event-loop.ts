/** Lets other callbacks run during long synchronous work, and reads long lists in batches. */
import { setImmediate } from "node:timers/promises";

/** A fraction of the delay that a caller notices. Much shorter, and a busy machine spends more time yielding than working. */
const everyMs = 20;
/** About one millisecond of the slowest work that is done per entry. */
const batchMax = 64;

/** Called before each entry, or batch of entries, of a list that may be long. */
export type YieldToEventLoop = () => Promise<void>;

/** The function yields only when 20 ms have passed since its last yield. */
export function createYieldToEventLoop(): YieldToEventLoop {
  let yieldedAt = performance.now();
  return async () => {
    if (performance.now() - yieldedAt < everyMs) return;
    await setImmediate();
    yieldedAt = performance.now();
  };
}

/** Yields the items in order, in batches of at most 64, read lazily; yields to the event loop before each batch. */
export async function* inBatches<T>(
  items: Iterable<T>,
  yieldToEventLoop = createYieldToEventLoop(),
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  await yieldToEventLoop();
  for (const item of items) {
    batch.push(item);
    if (batch.length < batchMax) continue;
    yield batch;
    batch = [];
    await yieldToEventLoop();
  }
  if (batch.length > 0) yield batch;
}

/** The items that match, in order. */
export async function filterInBatches<T>(
  items: Iterable<T>,
  isWanted: (item: T) => boolean,
  yieldToEventLoop = createYieldToEventLoop(),
): Promise<T[]> {
  const wanted: T[] = [];
  for await (const batch of inBatches(items, yieldToEventLoop))
    for (const item of batch) if (isWanted(item)) wanted.push(item);
  return wanted;
}
