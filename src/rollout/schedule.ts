/** When to poll an upstream again, and when to scan for drift. Pure. */

const firstRetryMs = 5_000;
const longestRetryMs = 15 * 60_000;

/** The longest that a timer can be set to; beyond it, it would go off at once. */
const timerMaxMs = 2 ** 31 - 1;

/**
 * The delay before the next poll, in ms. `failures` counts the polls in a row that could not reach upstream: they
 * double the wait, which is at least the `throttledMs` that upstream demands. `jitter` (0 to 1) is the host's own:
 * up to half is added.
 */
export function nextPollInMs(everyMs: number, failures: number, jitter: number, throttledMs = 0): number {
  const base =
    failures === 0
      ? everyMs
      : Math.min(
          Math.min(firstRetryMs, everyMs) * 2 ** Math.min(failures - 1, 20),
          Math.max(longestRetryMs, everyMs),
        );
  return Math.min(Math.round(Math.max(base, throttledMs) * (1 + jitter / 2)), timerMaxMs);
}

const firstPollWithinMs = 5_000;

/** The delay before the first poll after a start, in ms: hosts that start together do not all poll at once. */
export function firstPollInMs(everyMs: number, jitter: number): number {
  return Math.round(jitter * Math.min(firstPollWithinMs, everyMs));
}

/** After a webhook has announced a push, upstream is polled again at these ages of the first poll, in ms. */
const pushTriesMs = [1, 3, 7, 15, 31, 60].map((seconds) => seconds * 1_000);

/** How long to wait before the next try to see a push, in ms; null: it is given up. */
export function pollForPushInMs(ageMs: number): number | null {
  const next = pushTriesMs.find((atMs) => atMs > ageMs);
  return next === undefined ? null : next - ageMs;
}

const shortestTickMs = 1_000;
/** Reconciles that follow each other share what the first one costs: the mount table, and cold code and caches. */
const reconciledTogether = 5;

/** How to scan all services for drift once in `everyMs`, spread evenly: so many at a time, so far apart. */
export function driftTicks(
  everyMs: number,
  services: number,
): { readonly everyMs: number; readonly services: number } {
  const ticks = Math.max(Math.ceil(services / reconciledTogether), 1);
  const tickMs = Math.max(shortestTickMs, everyMs / ticks);
  return { everyMs: tickMs, services: Math.ceil((services * tickMs) / everyMs) };
}

/** How many reconciles of changed files may follow each other at once, and as of when. */
export interface Pace {
  readonly reconcilesLeft: number;
  readonly asOfMs: number;
}

const debounceMs = 300;
const reconcilesAtOnce = 5;
const reconcileEveryMs = 5_000;

export const calmPace: Pace = { reconcilesLeft: reconcilesAtOnce, asOfMs: 0 };

/**
 * How long a reconcile of changed files waits, in ms: debounced, because an editor writes in several steps, and with a
 * rate limit, because some files change all the time.
 */
export function reconcileAfterChange(
  { reconcilesLeft, asOfMs }: Pace,
  nowMs: number,
): { readonly inMs: number; readonly pace: Pace } {
  const left = Math.min(reconcilesLeft + (nowMs - asOfMs) / reconcileEveryMs, reconcilesAtOnce);
  const inMs = Math.max(debounceMs, (1 - left) * reconcileEveryMs);
  return { inMs, pace: { reconcilesLeft: left - 1, asOfMs: nowMs } };
}
