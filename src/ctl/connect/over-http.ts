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
  const read = async (response: IncomingMessage) => ({
    status: response.statusCode ?? 0,
    body: await readBody(response, peer, limits),
  });
  return {
    send: (request) =>
      inTime(peer, limits, async (late, connected) => read(await send(peer, request, late, connected))),
    async *follow({ lastEventId, ...request }, signal) {
      const resume = lastEventId === null ? {} : { "last-event-id": lastEventId };
      const headers = { accept: "text/event-stream", ...resume };
      const response = await inTime(peer, limits, async (late, connected) => {
        const end = AbortSignal.any([signal, late]);
        const begun = await send(peer, { ...request, headers }, end, connected);
        if (begun.statusCode !== 200) readReply(await read(begun), z.unknown());
        return begun;
      }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (response === undefined) return;
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

/** Does work that the signal aborts when the time-out has passed. @throws Failure that says how far it got */
async function inTime<T>(
  peer: Peer,
  { timeoutMs }: Limits,
  work: (late: AbortSignal, connected: () => void) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  let connected = false;
  const note = () => {
    connected = true;
  };
  try {
    return await work(late.signal, note);
  } catch (error) {
    throw explain(error, peer, late.signal.aborted ? { afterMs: timeoutMs, connected } : null);
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  { host, token, open }: Peer,
  { method, path, body, headers: more }: ApiRequest & { readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
  connected: () => void,
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
  const socket = await open(signal, connected);
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
