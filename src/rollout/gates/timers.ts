/** What the clock alone sets off: freezes that end, and gates that open for a commit that waits. Pure. */
import { holdOf, type ServiceState, waitingOf } from "../../model/state.ts";

export interface Timer {
  readonly service: string;
  readonly kind: "freeze-expired" | "opening";
  readonly at: Date;
}

/** Of every service at most one: what is held does not wait. */
export function timersOf(
  records: readonly { readonly service: string; readonly state: ServiceState }[],
): readonly Timer[] {
  return records.flatMap(({ service, state }): Timer[] => {
    const hold = holdOf(state);
    if (hold !== null)
      return hold.until === null ? [] : [{ service, kind: "freeze-expired", at: hold.until }];
    const until = waitingOf(state)?.until ?? null;
    return until === null ? [] : [{ service, kind: "opening", at: until }];
  });
}

/** The wall clock may jump, so no timer sleeps longer than this. */
const sleepMaxMs = 60_000;

/** How long to sleep until the first of them, in ms; null: until there is one. */
export function sleepUntilMs(timers: readonly Timer[], now: Date): number | null {
  if (timers.length === 0) return null;
  const firstMs = Math.min(...timers.map(({ at }) => at.getTime()));
  return Math.min(Math.max(firstMs - now.getTime(), 0), sleepMaxMs);
}
