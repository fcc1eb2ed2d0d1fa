/** Parses server-sent events (HTML standard, 9.2.6) from a stream of text. */
import { Failure } from "../failure.ts";

export interface ServerSentEvent {
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
