/** What each part of the daemon that waits is given. */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** The time and the end of a part of the daemon, and where it logs. */
export interface Life {
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping: AbortSignal;
}
