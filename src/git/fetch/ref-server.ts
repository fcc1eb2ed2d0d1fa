/** What can be asked for the tips of branches without git. */
import type { Tips } from "./tip-refs.ts";

export interface RefServer {
  /** The tips of at least these branches, as far as they exist. @throws NotOurs, Error */
  lsRefs(branches: readonly string[], stopping: AbortSignal): Promise<Tips>;
}

/** The server is not one that can be asked so, and will not become one soon. */
export class NotOurs extends Error {}

/** Some 1,000 refs. */
export const answerMaxBytes = 64 * 1024;
export const timeoutMs = 10_000;
