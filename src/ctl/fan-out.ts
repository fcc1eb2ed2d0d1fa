/** Runs the same on many hosts at once; a failure of one does not stop the others. */
import { createLimit } from "../platform/fair-semaphore.ts";
import { type Failure, keepFailure, UsageFailure } from "./failure.ts";
import type { Endpoint } from "./hosts/reach.ts";

export interface Outcome<T> {
  readonly endpoint: Endpoint;
  readonly result: T | Failure;
}

/** In the order of the endpoints; `atOnce` of them at the same time. */
export function askEach<T>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint) => Promise<T>,
  atOnce = 32,
): Promise<Outcome<T>[]> {
  const limit = createLimit(atOnce);
  const one = async (endpoint: Endpoint) => ({ endpoint, result: await ask(endpoint).catch(ofOneHost) });
  return Promise.all(endpoints.map((endpoint) => limit(() => one(endpoint))));
}

/** A usage error is the same for every host. */
function ofOneHost(error: unknown): Failure {
  if (error instanceof UsageFailure) throw error;
  return keepFailure(error);
}

/** The exit status of several hosts: a failure (1) outweighs BROKEN or DIFF (3). */
export function worstOf(statuses: readonly (0 | 1 | 3)[]): 0 | 1 | 3 {
  if (statuses.includes(1)) return 1;
  return statuses.includes(3) ? 3 : 0;
}
