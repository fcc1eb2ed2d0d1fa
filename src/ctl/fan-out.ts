/** The same for many hosts at once; what fails on one is kept beside what the others gave. */
import { createLimit } from "../platform/fair-semaphore.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { Place } from "./hosts/reach.ts";

export interface Outcome<T> {
  readonly place: Place;
  readonly result: { readonly value: T } | { readonly failure: Failure };
}

/** Hosts that are asked at the same time. */
const usualAtOnce = 32;

/** In the order of the places, whoever answers first. */
export function askEach<T>(
  places: readonly Place[],
  ask: (place: Place) => Promise<T>,
  atOnce = usualAtOnce,
): Promise<Outcome<T>[]> {
  const limit = createLimit(atOnce);
  return Promise.all(
    places.map((place) =>
      limit(async () => {
        try {
          return { place, result: { value: await ask(place) } };
        } catch (error) {
          // What makes no sense makes none for any host.
          if (!(error instanceof Failure) || error instanceof UsageFailure) throw error;
          return { place, result: { failure: error } };
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
