/** What a daemon tells as it happens. */
import * as z from "zod/mini";
import { type ProgressRow, progressRow } from "../../api/deploying-shape.ts";
import { type EventRow, eventRow } from "../../api/shapes.ts";
import { Failure } from "../failure.ts";
import type { Connection } from "./connection.ts";
import { parseJson } from "./reply.ts";
import { parseEvents } from "./server-sent-events.ts";

interface StreamedEvent {
  /** Of the last event that is kept; null: none yet. */
  readonly id: string | null;
  /** Null: a sign that the daemon is there. */
  readonly event: EventRow | ProgressRow | null;
  /** As it came. */
  readonly json: string;
}

const streamed = z.union([eventRow, progressRow]);

/** Those after `lastEventId`, null: from now on; until the connection ends. @throws Failure */
export async function* eventsOf(
  host: Connection,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  const question = { method: "GET", path: "/api/v1/events", lastEventId } as const;
  for await (const { id, data } of parseEvents(host.follow(question, signal)))
    yield { id, event: data === "" ? null : readEvent(data), json: data };
}

function readEvent(data: string): EventRow | ProgressRow {
  const read = z.safeParse(streamed, parseJson(data));
  if (read.success) return read.data;
  throw new Failure("Cannot read an event: it is not gitopper's JSON; check host and port");
}
