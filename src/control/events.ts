/** Kept events and progress, in the shapes of the API. */
import type { ProgressRow } from "../api/deploying-shape.ts";
import type { Host } from "../api/host.ts";
import type { EventRow } from "../api/shapes.ts";
import type { EventLog, KeptEvent } from "../history/event-log.ts";
import type { Progress } from "../model/deployment/progress.ts";
import type { Clock } from "../platform/clock.ts";
import { progressRow } from "./deploying.ts";

export function createEvents(
  log: Pick<EventLog, "list" | "newest" | "follow">,
  clock: Clock,
): Pick<Host, "events" | "newestEvent" | "followEvents"> {
  return {
    events: (page) => log.list(page).map(eventRow),
    newestEvent: () => log.newest(),
    followEvents: (after, signal) => followed(log.follow(after, signal), clock),
  };
}

function eventRow({ at, ...rest }: KeptEvent): EventRow {
  return { ...rest, at: at.toISOString() };
}

async function* followed(
  events: AsyncIterable<KeptEvent | Progress>,
  clock: Clock,
): AsyncGenerator<EventRow | ProgressRow> {
  for await (const event of events) yield "id" in event ? eventRow(event) : progressRow(event, clock.now());
}
