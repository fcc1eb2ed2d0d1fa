/** Sends replies: complete bodies at once, streams at the pace of their readers. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Caller } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import { peerOf } from "../address.ts";
import type { RouterReply } from "../dispatch.ts";
import { ConnectionLimiter } from "./connection-limiter.ts";

/** `hangUp`: the connection is closed after this reply. */
export type Outgoing = RouterReply & { readonly hangUp?: boolean };

const tooManyMessage = "Too many credentials from there were not good; wait a minute, or show a good one";
export const tooManyFailures: Outgoing = { ...problem(429, tooManyMessage), hangUp: true };

export interface StreamLimits {
  readonly total: number;
  /** Per caller. */
  readonly each: number;
  /** A reader that takes longer to read what was sent is disconnected. */
  readonly stallMs: number;
  /** After this time the stream ends; its reader has to reconnect with a credential that is still valid. */
  readonly longestMs: number;
}

export const streamLimits: StreamLimits = { total: 64, each: 16, stallMs: 10_000, longestMs: 3_600_000 };

export class Sender {
  readonly #limits: StreamLimits;
  readonly #limiter: ConnectionLimiter;
  readonly #streaming = new Set<ServerResponse>();

  constructor(limits: StreamLimits) {
    this.#limits = limits;
    this.#limiter = new ConnectionLimiter(limits);
  }

  /** An operator's stream evicts another one when there are too many. Rejects when the source of a stream does. */
  async send(reply: Outgoing, response: ServerResponse, caller: Caller | null): Promise<void> {
    const { body } = reply;
    if (typeof body === "string") return sendWhole({ ...reply, body }, response);
    const admission = this.#limiter.admit(readerOf(caller), {
      ...(caller?.role === "operate" ? { rank: 1, evictsBelow: 2 } : { rank: 0, evictsBelow: 0 }),
      onEvicted: () => void response.end(),
    });
    if (admission === null) {
      await body[Symbol.asyncIterator]().return?.();
      return sendWhole(problem(503, "Too many follow what happens here already; try again later"), response);
    }
    this.#streaming.add(response);
    const longest = setTimeout(() => response.end(), this.#limits.longestMs);
    try {
      writeHead(response, { ...reply, hangUp: true });
      if (response.req.method !== "HEAD") await this.#pour(body, response);
      response.end();
    } finally {
      clearTimeout(longest);
      this.#streaming.delete(response);
      admission.release();
    }
  }

  /** Ends every stream. */
  end(): void {
    for (const response of this.#streaming) response.end();
  }

  async #pour(body: AsyncIterable<string>, response: ServerResponse): Promise<void> {
    response.flushHeaders();
    for await (const chunk of body) {
      if (response.writableEnded || response.destroyed) return;
      if (!response.write(chunk)) await drained(response, this.#limits.stallMs);
    }
  }
}

/** Identifies a reader by its credential and its address. */
function readerOf(caller: Caller | null): string {
  return caller === null ? "" : `${caller.credential || caller.who} ${peerOf(caller.from)}`;
}

/** Disconnects a reader that does not read, because its buffer would only grow. */
async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  const timer = setTimeout(() => response.destroy(), stallMs);
  const stop = new AbortController();
  const { signal } = stop;
  try {
    await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

function sendWhole(reply: Outgoing & { readonly body: string }, response: ServerResponse): void {
  writeHead(response, reply, { "Content-Length": Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

function writeHead(
  response: ServerResponse,
  reply: Outgoing,
  more: Readonly<Record<string, number>> = {},
): void {
  response.writeHead(reply.status, {
    "Content-Type": reply.contentType,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...more,
    ...(reply.allow !== undefined && { Allow: reply.allow }),
    ...(reply.status === 401 && { "WWW-Authenticate": "Bearer" }),
    ...(reply.hangUp && { Connection: "close" }),
  });
}
