/** Follows a daemon's stream of events. */
import * as z from "zod/mini";
import { type ProgressRow, progressRow } from "../../api/deploying-shape.ts";
import { type EventRow, eventRow } from "../../api/shapes.ts";
import { parseJson } from "../../model/text/untrusted.ts";
import { Failure } from "../failure.ts";
import type { Connection } from "./connection.ts";
import { parseEvents } from "./server-sent-events.ts";

interface StreamedEvent {
  /** The id of the last kept event; null: none yet. */
  readonly id: string | null;
  /** Null: a sign of life. */
  readonly event: EventRow | ProgressRow | null;
  /** The JSON as received. */
  readonly json: string;
}

const streamed = z.union([eventRow, progressRow]);

/** Events after `lastEventId` (null: from now on), until the connection ends. @throws Failure */
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
