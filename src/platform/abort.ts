/** Abort signals that end with a parent or earlier. */

export interface Ending extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts it; further calls do nothing. */
  readonly end: () => void;
}

/** A signal that is aborted with `parent` or by `end`; disposing aborts it. */
export function endingWith(parent: AbortSignal): Ending {
  const controller = new AbortController();
  const end = () => controller.abort();
  return { signal: AbortSignal.any([parent, controller.signal]), end, [Symbol.dispose]: end };
}

/** Resolves on abort, at once when the signal is aborted already. */
export function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
