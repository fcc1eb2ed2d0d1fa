/** Follows a daemon's stream of events, which are server-sent events (HTML standard, 9.2.6). */

import * as z from "zod/mini";
import { type EventRow, eventRow, type ProgressRow, progressRow } from "../../api/event-shapes.ts";
import { parseJson } from "../../model/text/untrusted.ts";
import { Failure } from "../failure.ts";
import type { Connection } from "./connection.ts";

const streamed = z.union([eventRow, progressRow]);

/**
 * Yields events after `lastEventId` (null: from now on), until the connection ends: the id of the last kept event (null:
 * none yet), the event (null: a sign of life), and its JSON as received. @throws Failure
 */
export async function* eventsOf(host: Connection, lastEventId: string | null, signal: AbortSignal) {
  const question = { method: "GET", path: "/api/v1/events", lastEventId } as const;
  for await (const { id, data } of parseEvents(host.follow(question, signal)))
    yield { id, event: data === "" ? null : readEvent(data), json: data };
}

function readEvent(data: string): EventRow | ProgressRow {
  const read = z.safeParse(streamed, parseJson(data));
  if (read.success) return read.data;
  throw new Failure("Cannot read an event: it is not gitopper's JSON; check host and port");
}

interface ServerSentEvent {
  /** The last id so far, maybe of an earlier event; null: none. */
  readonly id: string | null;
  /** Empty: no event, but a sign of life. */
  readonly data: string;
}

/** The size limit of an event, far above gitopper's. */
const bufferMaxChars = 1_048_576;

/** @throws Failure for an event beyond the limit */
export async function* parseEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  let buffer = "";
  let id: string | null = null;
  for await (const chunk of chunks) {
    // A CR at the end may be the first half of a line break.
    buffer = (buffer + chunk).replaceAll("\r\n", "\n");
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    if (buffer.length > bufferMaxChars)
      throw new Failure("Cannot read the events: there is one without an end");
    for (const block of blocks) {
      const fields = block.split("\n").map(parseField);
      id = fields.findLast(({ name }) => name === "id")?.value ?? id;
      const data = fields.filter(({ name }) => name === "data").map(({ value }) => value);
      yield { id, data: data.join("\n") };
    }
  }
}

/** A line without a colon is a name; one that starts with a colon is a comment. */
function parseField(line: string): { readonly name: string; readonly value: string } {
  const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  return { name, value };
}
