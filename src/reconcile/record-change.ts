/** What a change of records is: the new ones, and what is reported of them. Pure. */
import type { BadCommits } from "../history/bad-commits.ts";
import type { Journal } from "../history/journal.ts";
import type { ServiceRecord } from "../history/kept.ts";
import type { BadCommit } from "../model/bad-commit.ts";
import { noFiles } from "../model/deployment/phase.ts";
import type { Event, Publish, ServiceStatus } from "../model/event.ts";
import { shownState } from "../model/state.ts";
import { initialState } from "../rollout/next.ts";
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

/** Where things are written down. */
export interface Memory {
  readonly journal: Journal;
  readonly badCommits: BadCommits;
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

/** What a service has before its first deployment. */
export const noDeployment = { commit: null, origin: "", phase: noFiles, links: "", enabled: false } as const;

/** The record of a service of the config; `known` null: it is new. */
export function registered(
  known: ServiceRecord | null,
  place: Pick<ServiceRecord, "service" | "checkout" | "store" | "user">,
  now: Date,
): ServiceRecord {
  if (known === null) return { ...noDeployment, state: initialState, changedAt: now, ...place };
  const isThere = known.checkout === place.checkout;
  return { ...known, ...place, ...(!isThere && { phase: noFiles, links: "" }) };
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
