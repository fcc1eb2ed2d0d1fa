/**
 * Writes the spans of `span.ts` to a file for ui.perfetto.dev and chrome://tracing: Trace Event Format, array form.
 * Instants are µs since 1970, based on the wall clock at the daemon's start.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { marks, type ProcessEnd, type ProcessSpan, processes, type Span, spans } from "./span.ts";
import { TraceFile } from "./trace-file.ts";
import { type Open, Rows } from "./trace-rows.ts";

const maxBytesDefault = 256 * 2 ** 20;

/**
 * Returns the function that writes what is pending, and closes the file. `warn` is called once, when the file is full or
 * cannot be written any more. @throws Error in one line
 */
export function startTrace(
  path: string,
  warn: (line: string) => void,
  { maxBytes = maxBytesDefault } = {},
): () => void {
  const file = new TraceFile(path, {
    maxBytes,
    onFull: (why) => {
      stop();
      warn(`the trace ${path} ends here: ${why}`);
    },
  });
  const stop = listen(new Writer(file));
  return () => {
    stop();
    file.close();
  };
}

/** Returns the function that stops it. */
function listen(writer: Writer): () => void {
  const current = new AsyncLocalStorage<unknown>();
  const parent = () => (current.getStore() as Open | null | undefined) ?? undefined;
  const onSpan = {
    // For asynchronous work this is only the end of its first part.
    end: (span: Span & { result?: unknown; error?: unknown }) => {
      if ("result" in span || "error" in span) writer.end(span);
    },
    asyncEnd: (span: Span) => writer.end(span),
  };
  const onProcess = {
    start: (span: ProcessSpan) => writer.beginProcess(span, parent()),
    asyncEnd: (span: ProcessSpan & { result?: unknown }) =>
      writer.end(span, outcomeOf(span.result as ProcessEnd)),
  };
  const onMark = (span: unknown) => writer.mark(span as Span);
  const onRequest = (message: unknown) => writer.request(message as Exchange);
  spans.start.bindStore(current, (span) => writer.begin(span, parent()));
  spans.subscribe(onSpan);
  processes.subscribe(onProcess);
  marks.subscribe(onMark);
  subscribe(requestStart, onRequest);
  return () => {
    spans.start.unbindStore(current);
    spans.unsubscribe(onSpan);
    processes.unsubscribe(onProcess);
    marks.unsubscribe(onMark);
    unsubscribe(requestStart, onRequest);
  };
}

/** node's own channels (diagnostics_channel, "HTTP"). */
const requestStart = "http.server.request.start";

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function outcomeOf({ status, why }: ProcessEnd): object {
  return { status, ...(why !== null && { why }) };
}

/** Turns spans into trace events. */
class Writer {
  readonly #file: TraceFile;
  readonly #rows: Rows;
  /** Perfetto pairs ends by their order; others, such as speedscope, need the names. */
  readonly #open = new WeakMap<object, { readonly open: Open; readonly name: string }>();

  constructor(file: TraceFile) {
    this.#file = file;
    this.#write("M", 0, { name: "process_name", args: { name: "gitopper" } });
    this.#rows = new Rows(({ tid }, name) => {
      this.#write("M", tid, { name: "thread_name", args: { name } });
      this.#write("M", tid, { name: "thread_sort_index", args: { sort_index: tid } });
    });
  }

  begin(span: Span, parent: Open | undefined): Open | null {
    const open = this.#rows.begin(span.track, parent);
    this.#begun(span, open, span.name, span.about);
    return open;
  }

  beginProcess(span: ProcessSpan, parent: Open | undefined): void {
    const { argv, pid, inDialog } = span;
    const about = { pid, argv: shownArgv(argv), ...(inDialog && { inDialog }) };
    this.#begun(span, this.#rows.beside(parent), nameOfProcess(argv), about);
  }

  #begun(span: object, open: Open | null, name: string, about: object | undefined): void {
    if (open === null) return;
    this.#open.set(span, { open, name });
    this.#write("B", open.row.tid, { name, ...(about && { args: about }) });
  }

  end(span: object, about?: object): void {
    const { open, name } = this.#open.get(span) ?? {};
    if (open === undefined) return;
    this.#rows.end(open);
    this.#write("E", open.row.tid, { name, ...(about && { args: about }) });
  }

  mark({ name, track = requestsTrack, about }: Span): void {
    this.#write("i", this.#rows.first(track).tid, { name, s: "t", ...(about && { args: about }) });
  }

  /** Requests for changes, until they are answered or the caller hangs up. */
  request({ request: { method = "", url = "" }, response }: Exchange): void {
    if (method === "GET") return;
    // A query may have a secret.
    const name = `${method} ${url.replace(/\?.*/s, "").slice(0, textMax)}`;
    const span = { name, track: requestsTrack };
    this.begin(span, undefined);
    response.once("close", () => this.end(span, { status: response.statusCode }));
  }

  #write(ph: "B" | "E" | "i" | "M", tid: number, rest: object): void {
    const ts = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    this.#file.write({ ph, ts, pid: process.pid, tid, ...rest });
  }
}

const requestsTrack = "requests";
const textMax = 300;
const wordsMax = 60;

/** The arguments of commands from the config, such as checks, may be secret. */
function shownArgv(argv: readonly string[]): string[] {
  const own = argv[0] === "git" || argv[0] === "systemctl";
  const words = argv.slice(0, own ? wordsMax : 1).map((word) => word.slice(0, textMax));
  return words.length < argv.length ? [...words, `… and ${argv.length - words.length} more`] : words;
}

/** `git fetch`, `systemctl reload`; for other programs only their name. */
export function nameOfProcess(argv: readonly string[]): string {
  const [program = "", ...words] = argv;
  if (program !== "git" && program !== "systemctl") return program;
  const verb = words.find((word, at) => !word.startsWith("-") && !/^-[cC]$/.test(words[at - 1] ?? ""));
  return verb === undefined ? program : `${program} ${verb}`;
}
