/** Server-sent events (HTML standard, 9.2), which a caller can resume after the last one that it has. */
import type { EventRow, ProgressRow } from "./event-shapes.ts";
import type { Reply } from "./route.ts";

/** A comment now and then, so that proxies and clients do not close a silent connection. */
const keepAliveMs = 15_000;
const retryMs = 3_000;

/** `from` is the id of the event before the first, so that a caller that loses the stream at once can resume. */
export function eventStream(
  events: AsyncIterable<EventRow | ProgressRow>,
  from: number,
  signal: AbortSignal,
): Reply {
  return { status: 200, contentType: "text/event-stream", body: render(events, from, signal) };
}

async function* render(
  events: AsyncIterable<EventRow | ProgressRow>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${retryMs}\nid: ${from}\n\n`;
  const source = events[Symbol.asyncIterator]();
  let pending = source.next();
  while (!signal.aborted) {
    const next = await orSilence(pending, signal);
    if (next === "silence") {
      yield ": still here\n\n";
      continue;
    }
    if (next.done) return;
    pending = source.next();
    yield frame(next.value);
  }
}

/** Events that are not kept have no id: a caller resumes after the last one that has. */
function frame(row: EventRow | ProgressRow): string {
  const id = "id" in row ? `id: ${row.id}\n` : "";
  return `${id}event: ${row.type}\ndata: ${JSON.stringify(row)}\n\n`;
}

async function orSilence<T>(pending: Promise<T>, signal: AbortSignal): Promise<T | "silence"> {
  const { promise, resolve } = Promise.withResolvers<"silence">();
  const silence = () => resolve("silence");
  const timer = setTimeout(silence, keepAliveMs);
  signal.addEventListener("abort", silence, { once: true });
  try {
    return await Promise.race([pending, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", silence);
  }
}
