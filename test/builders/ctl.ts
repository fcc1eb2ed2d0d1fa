/** gitopperctl without a network: command lines against hosts that answer what a test says. */
import type { ApiReply, ApiRequest, Connection, Transport } from "../../src/ctl/connect/connection.ts";
import type { Environment } from "../../src/ctl/environment.ts";
import { Failure } from "../../src/ctl/failure.ts";
import { runCommandLine } from "../../src/ctl/run.ts";
import { shapeless } from "./ctl-details.ts";

/** What a host answers, by `METHOD path`; a list is one answer after the other, the last one for ever. */
export type Answers = Readonly<Record<string, unknown>>;

/** A status and a body other than a 200. */
export function refused(status: number, detail: string): ApiReply {
  return { status, body: JSON.stringify({ type: "about:blank", title: "", status, detail }) };
}

export interface Around {
  /** By the name of the host, without its port; `*`: any. A text: it cannot be reached. */
  readonly hosts?: Readonly<Record<string, Answers | string>>;
  /** What a person answers; absent: there is no terminal. */
  readonly says?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly width?: number;
  readonly colour?: boolean;
  readonly progressWidth?: number;
  /** What a stream gives, a connection after the other; a text in the place of chunks: it breaks. */
  readonly streams?: readonly (readonly string[] | string)[];
  readonly socket?: boolean;
}

export interface Seen {
  status: number;
  stdout: string;
  stderr: string;
  /** `web1 POST /state/pull/nginx {"reason":""}`. */
  asked: string[];
  questions: string[];
  ways: Transport[];
}

export const now = new Date("2026-03-05T12:00:00Z");
const startedAtMs = now.getTime();

/** Runs a command line as main.ts does. Time passes in sleeps alone. */
export async function tryOut(line: string | readonly string[], around: Around = {}): Promise<Seen> {
  const seen: Seen = {
    status: -1,
    stdout: "",
    stderr: "",
    asked: [],
    questions: [],
    ways: [],
  };
  const environment = surround(seen, around);
  seen.status = await runCommandLine(typeof line === "string" ? line.split(" ") : line, environment);
  return seen;
}

function surround(seen: Seen, around: Around): Environment {
  let nowMs = startedAtMs;
  const { says } = around;
  const interrupted = new AbortController();
  const streams = [...(around.streams ?? [])];
  return {
    terminal: {
      write: (text) => {
        seen.stdout += text;
      },
      writeError: (text) => {
        seen.stderr += text;
      },
      width: around.width ?? null,
      colour: around.colour ?? false,
      progressWidth: around.progressWidth ?? null,
      ask:
        says === undefined
          ? null
          : async (question) => {
              seen.questions.push(question);
              return says;
            },
    },
    env: around.env ?? {},
    home: "/home/ann",
    hostname: "desk.example.org",
    clock: {
      now: () => new Date(nowMs),
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    },
    files: {
      read: (path) => around.files?.[path] ?? null,
      isUsableSocket: () => around.socket ?? false,
    },
    untilInterrupted: () => interrupted.signal,
    connect: (way) => {
      seen.ways.push(way);
      return connectTo(way, seen, around, () => {
        const next = streams.shift();
        if (streams.length === 0) queueMicrotask(() => interrupted.abort());
        return next ?? [];
      });
    },
  };
}

function connectTo(
  way: Transport,
  seen: Seen,
  { hosts = {} }: Around,
  nextStream: () => readonly string[] | string,
): Connection {
  const name = way.via === "socket" ? "this host" : way.host;
  const answers = hosts[name] ?? hosts["*"] ?? {};
  const times = new Map<string, number>();
  return {
    async send({ method, path, body }: ApiRequest): Promise<ApiReply> {
      seen.asked.push([name, method, path, ...(body === undefined ? [] : [JSON.stringify(body)])].join(" "));
      // So that an order among hosts is not that of the answers by chance.
      for (let turn = 0; turn < 5 - name.length; turn++) await Promise.resolve();
      if (typeof answers === "string") throw new Failure(answers);
      const key = `${method} ${path}`;
      const time = times.get(key) ?? 0;
      times.set(key, time + 1);
      return toAnswer(shapeless(answers, key, time));
    },
    async *follow({ lastEventId }) {
      seen.asked.push(`${name} follow ${lastEventId}`);
      const stream = nextStream();
      if (typeof stream === "string") throw new Failure(stream);
      yield* stream;
    },
  };
}

function toAnswer(value: unknown): ApiReply {
  if (typeof value === "object" && value !== null && "status" in value && "body" in value)
    return value as ApiReply;
  if (value === undefined) return refused(404, "There is nothing at that path");
  return { status: 200, body: typeof value === "string" ? value : JSON.stringify(value) };
}
