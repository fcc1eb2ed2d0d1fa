/** The same for many hosts at once; what fails on one is kept beside what the others gave. */
import { createLimit } from "../platform/fair-semaphore.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { Endpoint } from "./hosts/reach.ts";

export interface Outcome<T> {
  readonly endpoint: Endpoint;
  readonly result: { readonly value: T } | { readonly failure: Failure };
}

/** Hosts that are asked at the same time. */
const defaultAtOnce = 32;

/** In the order of the places, whoever answers first. */
export function askEach<T>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint) => Promise<T>,
  atOnce = defaultAtOnce,
): Promise<Outcome<T>[]> {
  const limit = createLimit(atOnce);
  return Promise.all(
    endpoints.map((endpoint) =>
      limit(async () => {
        try {
          return { endpoint, result: { value: await ask(endpoint) } };
        } catch (error) {
          // What makes no sense makes none for any host.
          if (!(error instanceof Failure) || error instanceof UsageFailure) throw error;
          return { endpoint, result: { failure: error } };
        }
      }),
    ),
  );
}

/** The exit status of several: that something could not be done (1) weighs more than what the rest is like (3). */
export function worstOf(statuses: readonly (0 | 1 | 3)[]): 0 | 1 | 3 {
  if (statuses.includes(1)) return 1;
  return statuses.includes(3) ? 3 : 0;
}
