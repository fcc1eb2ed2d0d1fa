/** The doors that speak HTTP: each serves routes at one place, with a limit on everything a stranger can send. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { hostname } from "node:os";
import type { Caller } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import { type Desk, dispatch, isUserNeededFor } from "../dispatch.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { type Client, doorOf, identify, type Rules } from "../identity/identify.ts";
import type { PeerUid } from "../identity/peer-credentials.ts";
import { observeVisit } from "../identity/request-context.ts";
import { close, listen } from "../listen.ts";
import type { Tls } from "../tls/tls.ts";
import { Connections } from "./connections.ts";
import { bodyMaxBytes, readBody } from "./read-body.ts";
import { type Outgoing, Sender, type StreamLimits, streamLimits, tooManyFailures } from "./send.ts";
import { listenOnSocket, type SocketPlace } from "./unix-socket.ts";
import { type TakeWebhook, WebhookDoor, webhookName } from "./webhook-door.ts";

/** Where a door is, and how it is entered. `address`: `host:port`; `flag`: where that is from, for an error. */
export type HttpPlace =
  | ({ readonly entrance: "socket"; readonly peerUid: PeerUid } & SocketPlace)
  | {
      readonly entrance: "loopback";
      readonly address: string;
      readonly flag: string;
      /** See `Rules`; read where nothing is said. */
      readonly loopback?: Rules["loopback"];
    }
  | {
      readonly entrance: "insecure" | "metrics";
      readonly address: string;
      readonly flag: string;
    }
  | {
      readonly entrance: "tls";
      readonly address: string;
      readonly flag: string;
      readonly tls: Tls;
      readonly clients: readonly Client[];
    };

export interface HttpOptions {
  readonly place: HttpPlace;
  readonly desk: Desk;
  /** What this host is called, besides its hostname and localhost. */
  readonly names: readonly string[];
  readonly failedLogins: FailedLogins;
  /** Without it, and with null, there are no webhooks here. */
  readonly webhooks?: TakeWebhook | null;
  readonly streams?: StreamLimits;
  /** How long a caller may take for its request. */
  readonly requestTimeoutMs?: number;
}

export interface Listener {
  /** The address that is listened on, with its real port; the path of a socket. */
  readonly address: string;
  /** Takes no new connections, lets replies finish, and hangs up on everyone after a second. */
  close(): Promise<void>;
}

const idleSocketMs = 30_000;
const connectionLimits = { total: 128, each: 32 };
const limits = { maxHeaderSize: 8 * 1024, keepAliveTimeout: 5_000 };

/** What answers requests at one door. */
interface Door extends Pick<HttpOptions, "desk" | "failedLogins"> {
  readonly rules: Rules;
  readonly peerUid: PeerUid;
  readonly sender: Sender;
  readonly webhooks: WebhookDoor | null;
  readonly connections: Connections;
  /** Connections with a request under way. */
  readonly busy: WeakSet<Socket>;
}

/**
 * Listens, and answers until it is closed.
 * @throws ListenFailure
 */
export async function serveHttp(options: HttpOptions): Promise<Listener> {
  const { place, desk, requestTimeoutMs = 10_000 } = options;
  const door = createDoor(options);
  const server = await createLimitedServer(place, door, requestTimeoutMs);
  const address = await listenAt(place, server, desk);
  return {
    address,
    close: () => {
      door.sender.end();
      return close(server);
    },
  };
}

function createDoor(options: HttpOptions): Door {
  const { place, desk, names, failedLogins, webhooks, streams = streamLimits } = options;
  const { entrance } = place;
  const own = hostname();
  const clients = place.entrance === "tls" ? place.clients : [];
  const loopback = (place.entrance === "loopback" && place.loopback) || "read";
  return {
    desk,
    failedLogins,
    rules: { entrance, clients, loopback, names: [...names, own, own.split(".")[0] ?? own] },
    peerUid: place.entrance === "socket" ? place.peerUid : () => null,
    sender: new Sender(streams),
    webhooks: webhooks ? new WebhookDoor(webhooks, failedLogins) : null,
    connections: new Connections(connectionLimits),
    busy: new WeakSet(),
  };
}

async function listenAt(place: HttpPlace, server: Server, { log }: Desk): Promise<string> {
  if (place.entrance !== "socket") return listen(server, place.address, place.flag, log);
  await listenOnSocket(server, place);
  server.on("error", (error) => log("cannot take a connection", error));
  return place.path;
}

async function createLimitedServer(place: HttpPlace, door: Door, timeoutMs: number): Promise<Server> {
  const times = {
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: timeoutMs,
  };
  const all = { ...limits, ...times };
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response, door);
  const server =
    place.entrance === "tls" ? await place.tls.createServer(all, onRequest) : createServer(all, onRequest);
  server.setTimeout(idleSocketMs);
  // Before TLS has begun: that costs more than a connection.
  server.on("connection", (socket: Socket) => void door.connections.admit(socket, door.peerUid(socket)));
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const { socket } = request;
  // Hundreds of requests fit into one packet. Whoever asks again before it was answered is none of our clients.
  if (door.busy.has(socket)) return void socket.destroy();
  door.busy.add(socket);
  const hungUp = new AbortController();
  response.once("close", () => {
    hungUp.abort();
    door.connections.serve(socket, null);
  });
  try {
    const { reply, caller } = await answer(request, hungUp.signal, door);
    await door.sender.send(reply, response, caller);
  } catch (error) {
    // Who hangs up in the middle of a request is no news.
    if (!hungUp.signal.aborted && request.complete) door.desk.log("a reply ended early", error);
    response.destroy();
  } finally {
    door.busy.delete(socket);
  }
}

/** `caller` null: nobody whom we know. Rejects when the caller hangs up before its request is whole. */
async function answer(
  request: IncomingMessage,
  signal: AbortSignal,
  door: Door,
): Promise<{ readonly reply: Outgoing; readonly caller: Caller | null }> {
  const { desk, rules, peerUid, failedLogins } = door;
  const { method = "", url: target = "", headers } = request;
  const webhook = door.webhooks && webhookName(method, target);
  if (door.webhooks && webhook) {
    const from = rules.entrance === "socket" ? "local" : (request.socket.remoteAddress ?? "");
    const reply = await door.webhooks.answer(webhook, request, doorOf(rules.entrance), from);
    return { reply, caller: null };
  }
  const body = await readBody(request);
  const { tokens } = desk.host;
  const isUserNeeded = rules.loopback === "none" || isUserNeededFor(desk.routes, method, target);
  const visit = await observeVisit(request, { entrance: rules.entrance, tokens, peerUid, isUserNeeded });
  const identified = identify(visit, rules);
  if ("refusal" in identified) {
    const { refusal, status, failed } = identified;
    const isTooMany = failed && failedLogins.note(doorOf(rules.entrance), visit.from);
    return { reply: isTooMany ? tooManyFailures : problem(status, refusal), caller: null };
  }
  const { caller } = identified;
  if (body === null) return { reply: tooLong, caller };
  door.connections.serve(request.socket, caller.role);
  const lastEventId = headers["last-event-id"];
  const asked = { method, target, body, caller, signal };
  return {
    reply: await dispatch(
      { ...asked, lastEventId: typeof lastEventId === "string" ? lastEventId : null },
      desk,
    ),
    caller,
  };
}

const tooLong: Outgoing = { ...problem(413, `A body has at most ${bodyMaxBytes} bytes`), hangUp: true };
