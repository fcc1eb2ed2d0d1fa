/** What a change of records is: the new ones, and what is reported of them. Pure. */
import type { ServiceRecord } from "../history/kept.ts";
import type { BadCommit } from "../model/bad-commit.ts";
import type { Event, Publish, ServiceStatus } from "../model/event.ts";
import { shownState } from "../model/state.ts";
import { liveCommit } from "../rollout/phase.ts";

/** What a deployment has reached so far. */
export type Reached = Pick<ServiceRecord, "commit" | "origin" | "phase" | "links">;

/** A service whose files are those of another commit as well. */
export type Move = Pick<ServiceRecord, "service" | "commit" | "origin">;

/** A commit that is not tried again, by the fingerprint of what the service would have got. */
export interface MarkedBad {
  readonly fingerprint: string;
  readonly bad: BadCommit;
}

/** Who hears of changes. */
export interface Listeners {
  /** Writes an event down together with the change, so that there is both or none. */
  readonly keep: Publish;
  /** Tells it when the change is durable. */
  readonly publish: Publish;
}

export interface Change {
  readonly records: readonly ServiceRecord[];
  readonly events: readonly Event[];
}

/** Only a record with another state or commit has changed since. */
export function changeTo(
  afters: readonly ServiceRecord[],
  befores: ReadonlyMap<string, ServiceRecord>,
  now: Date,
): Change {
  const events: Event[] = [];
  const records = afters.map((after) => {
    const before = befores.get(after.service) ?? null;
    if (before?.state === after.state && before.commit === after.commit) return after;
    const record = { ...after, changedAt: now };
    events.push(changed(before, record));
    return record;
  });
  return { records, events };
}

/** `before` null: the service is new. */
export function changed(before: ServiceRecord | null, after: ServiceRecord): Event {
  const status = statusOf(after);
  return { type: "state-changed", status, before: before && shownState(before.state, before.commit) };
}

/** A service's record as others see it. */
export function statusOf({ service, commit, phase, state, changedAt }: ServiceRecord): ServiceStatus {
  return { service, commit: liveCommit(phase, commit), state: shownState(state, commit), changedAt };
}
