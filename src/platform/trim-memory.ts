/** What the C library keeps of freed memory goes back to the kernel when the work that needed it is over. */
import { openCLibrary } from "./c-library.ts";
import type { Clock } from "./clock.ts";

interface Functions {
  malloc_trim(padBytes: bigint): number;
}

/** Long enough for what belongs together, a fetch and what follows it, to be over. */
const trimAfterMs = 5_000;

/**
 * Answers what to call whenever there is work. Memory is given back once, a while after the first call since the last
 * time, so a daemon that does nothing is not woken by it, and one that always works does it every so often.
 */
export function createTrimmer(
  clock: Clock,
  stopping: AbortSignal,
  trim: (() => void) | null = findTrim(),
): () => void {
  let pending = false;
  return () => {
    if (pending || trim === null) return;
    pending = true;
    void clock.sleep(trimAfterMs, stopping).then(() => {
      pending = false;
      if (!stopping.aborted) trim();
    });
  };
}

/** malloc_trim(3), which takes some 3 ms; null without glibc. */
function findTrim(): (() => void) | null {
  const library = openCLibrary<Functions>({ malloc_trim: { arguments: ["u64"], return: "i32" } });
  return library && (() => void library.functions.malloc_trim(0n));
}
