/** Sends requests over HTTP, on any kind of socket, with limits on time and size. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import * as z from "zod/mini";
import { Failure } from "../failure.ts";
import type { ApiRequest, Connection, Limits } from "./connection.ts";
import { readReply } from "./reply.ts";

/** How to reach a daemon. */
export interface Peer {
  /** For people. */
  readonly name: string;
  /** The Host header. */
  readonly host: string;
  readonly token: string | null;
  /** Opens a socket whose peer is authenticated, so that it may carry secrets. Calls `connected` as soon as the peer accepts. */
  readonly open: (signal: AbortSignal, connected: () => void) => Promise<Socket>;
  /** Explains a system error, and says what to check; `late`: the time-out has passed. */
  readonly reason: (code: string, late: Late | null) => string;
}

export interface Late {
  readonly afterMs: number;
  /** The peer has accepted the connection. */
  readonly connected: boolean;
}

/** The daemon writes a line at least every 15 s. */
const silenceMaxMs = 60_000;

export function httpConnection(peer: Peer, limits: Limits): Connection {
  return {
    name: peer.name,
    async send(request) {
      const timeout = AbortSignal.timeout(limits.timeoutMs);
      const noted = noteConnection(peer);
      try {
        const response = await send(noted, request, {}, timeout);
        return { status: response.statusCode ?? 0, body: await readBody(response, peer, limits) };
      } catch (error) {
        throw explain(error, peer, timeout.aborted ? noted.late(limits) : null);
      }
    },
    async *follow(request, signal) {
      const response = await begin(peer, request, limits, signal);
      if (response === null) return;
      response.socket.setTimeout(silenceMaxMs, () => response.destroy());
      try {
        for await (const text of response.setEncoding("utf8")) yield String(text);
      } catch {
        // The peer has disconnected, or the reader has stopped.
      } finally {
        response.destroy();
      }
    },
  };
}

/** The peer for one request, which also notes whether it has accepted the connection. */
function noteConnection(peer: Peer): Peer & { readonly late: (limits: Limits) => Late } {
  let connected = false;
  const note = () => {
    connected = true;
  };
  return {
    ...peer,
    open: (signal) => peer.open(signal, note),
    late: ({ timeoutMs }) => ({ afterMs: timeoutMs, connected }),
  };
}

type Following = Parameters<Connection["follow"]>[0];

/** The head of an endless reply; null: stopped before. */
async function begin(
  peer: Peer,
  { lastEventId, ...request }: Following,
  limits: Limits,
  signal: AbortSignal,
): Promise<IncomingMessage | null> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.timeoutMs);
  const noted = noteConnection(peer);
  const headers = {
    accept: "text/event-stream",
    ...(lastEventId !== null && { "last-event-id": lastEventId }),
  };
  try {
    const response = await send(noted, request, headers, AbortSignal.any([signal, late.signal]));
    const status = response.statusCode ?? 0;
    if (status !== 200) readReply({ status, body: await readBody(response, peer, limits) }, z.unknown());
    return response;
  } catch (error) {
    if (signal.aborted) return null;
    throw explain(error, peer, late.signal.aborted ? noted.late(limits) : null);
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  { host, token, open }: Peer,
  { method, path, body }: ApiRequest,
  more: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    host,
    accept: "application/json",
    "content-length": Buffer.byteLength(text),
    ...(text !== "" && { "content-type": "application/json" }),
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...more,
  };
  const socket = await open(signal, () => {});
  return new Promise((resolve, reject) => {
    httpRequest({ method, path, signal, headers, createConnection: () => socket }, resolve)
      .on("error", reject)
      .end(text);
  });
}

async function readBody(
  response: IncomingMessage,
  { name }: Peer,
  { replyMaxBytes }: Limits,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > replyMaxBytes)
      throw new Failure(`Cannot use the reply of ${name}: the reply is larger than ${replyMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function explain(error: unknown, { name, reason }: Peer, late: Late | null): Failure {
  if (error instanceof Failure) return error;
  const own = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const why = reason(late === null ? own : "ETIMEDOUT", late);
  return new Failure(`Cannot reach gitopper at ${name}: ${why}`, { cause: error });
}
