/** Signals to end with another one, or earlier, and to wait for. */

export interface Ending extends Disposable {
  readonly signal: AbortSignal;
  /** Ends it; a second time means nothing. */
  readonly end: () => void;
}

/** A signal that is aborted with `parent` or by `end`; disposing of it ends it, and leaves nothing at `parent`. */
export function endingWith(parent: AbortSignal): Ending {
  const controller = new AbortController();
  const end = () => {
    parent.removeEventListener("abort", end);
    controller.abort();
  };
  if (parent.aborted) controller.abort();
  else parent.addEventListener("abort", end, { once: true });
  return { signal: controller.signal, end, [Symbol.dispose]: end };
}

/** Resolves on abort, at once when that has been. */
export function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
