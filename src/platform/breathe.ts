/** Lets others have their turn during long work that does not wait for anything by itself. */
import { setImmediate } from "node:timers/promises";

/** A fraction of what a caller notices; much shorter, and a busy machine spends more time on turns than on the work. */
const everyMs = 20;
/** Of the slowest work that is done for each entry, a millisecond's. */
const handfulMax = 64;

/** To be called before each entry, or handful of entries, of what may be many. */
export type Breathe = () => Promise<void>;

/** It waits only when enough time has passed since it did so last. */
export function createBreathe(): Breathe {
  let breathedAt = performance.now();
  return async () => {
    if (performance.now() - breathedAt < everyMs) return;
    await setImmediate();
    breathedAt = performance.now();
  };
}

/** The items in their order, read as they are asked for, with a breath before each handful. */
export async function* handfuls<T>(
  items: Iterable<T>,
  breathe = createBreathe(),
): AsyncGenerator<readonly T[]> {
  let some: T[] = [];
  await breathe();
  for (const item of items) {
    some.push(item);
    if (some.length < handfulMax) continue;
    yield some;
    some = [];
    await breathe();
  }
  if (some.length > 0) yield some;
}

/** Those of the items that are wanted. */
export async function picked<T>(
  items: Iterable<T>,
  isWanted: (item: T) => boolean,
  breathe = createBreathe(),
): Promise<T[]> {
  const wanted: T[] = [];
  for await (const some of handfuls(items, breathe))
    for (const item of some) if (isWanted(item)) wanted.push(item);
  return wanted;
}
