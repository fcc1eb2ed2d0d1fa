/** The HTTP listeners: each serves routes at one endpoint, and limits everything that an unknown caller can send. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { hostname } from "node:os";
import type { Caller } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import { dispatch, isUserNeededFor, type Router } from "../dispatch.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { doorNames, identify, type Rules } from "../identity/identify.ts";
import type { PeerUid } from "../identity/peer-credentials.ts";
import { observeRequest } from "../identity/request-context.ts";
import { close, listen } from "../listen.ts";
import type { Tls } from "../tls/tls.ts";
import { Connections } from "./connections.ts";
import { bodyMaxBytes, readBody } from "./read-body.ts";
import { type Outgoing, Sender, type StreamLimits, streamLimits, tooManyFailures } from "./send.ts";
import { listenOnSocket, type SocketEndpoint } from "./unix-socket.ts";
import { type HandleWebhook, WebhookReceiver, webhookName } from "./webhook-receiver.ts";

/** Where to listen, and for which kind of caller. `address`: `host:port`; `flag`: the flag that it came from, for errors. */
export type HttpEndpoint =
  | ({ readonly kind: "socket"; readonly peerUid: PeerUid } & SocketEndpoint)
  /** `loopback`: see `Rules`; default `read`. */
  | ({ readonly kind: "loopback"; readonly loopback?: Rules["loopback"] } & TcpEndpoint)
  | ({ readonly kind: "insecure" | "metrics" } & TcpEndpoint)
  | ({
      readonly kind: "tls";
      readonly tls: Tls;
    } & Pick<Rules, "clients"> &
      TcpEndpoint);

interface TcpEndpoint {
  readonly address: string;
  readonly flag: string;
}

export interface HttpOptions {
  readonly endpoint: HttpEndpoint;
  readonly router: Router;
  /** Names of this host besides its hostname and localhost. */
  readonly names: readonly string[];
  readonly failedLogins: FailedLogins;
  /** Absent or null: this listener takes no webhooks. */
  readonly webhooks?: HandleWebhook | null;
  readonly streams?: StreamLimits;
  /** How long a caller may take for its request. */
  readonly requestTimeoutMs?: number;
}

export interface Listener {
  /** The address that is listened on, with its real port; the path of a socket. */
  readonly address: string;
  /** Takes no new connections, lets replies finish, and closes all connections after a second. */
  close(): Promise<void>;
}

const idleSocketMs = 30_000;
const connectionLimits = { total: 128, each: 32 };
const limits = { maxHeaderSize: 8 * 1024, keepAliveTimeout: 5_000 };

/**
 * Listens, and answers until it is closed.
 * @throws ListenFailure
 */
export async function serveHttp(options: HttpOptions): Promise<Listener> {
  const { endpoint, router, requestTimeoutMs = 10_000 } = options;
  const handler = createHandler(options);
  const server = await createLimitedServer(endpoint, handler, requestTimeoutMs);
  const address = await listenAt(endpoint, server, router);
  return {
    address,
    close: () => {
      handler.sender.end();
      return close(server, () => server.closeAllConnections());
    },
  };
}

type Handler = ReturnType<typeof createHandler>;

/** What answers the requests of one listener. */
function createHandler(options: HttpOptions) {
  const { endpoint, router, names, failedLogins, webhooks, streams = streamLimits } = options;
  const { kind } = endpoint;
  const own = hostname();
  const clients = endpoint.kind === "tls" ? endpoint.clients : [];
  const loopback = (endpoint.kind === "loopback" && endpoint.loopback) || "read";
  const rules: Rules = { kind, clients, loopback, names: [...names, own, own.split(".")[0] ?? own] };
  const peerUid: PeerUid = endpoint.kind === "socket" ? endpoint.peerUid : () => null;
  return {
    ...{ router, failedLogins, rules, peerUid },
    sender: new Sender(streams),
    webhooks: webhooks ? new WebhookReceiver(webhooks, failedLogins) : null,
    connections: new Connections(connectionLimits),
    /** Connections with a request under way. */
    busy: new WeakSet<Socket>(),
  };
}

async function listenAt(endpoint: HttpEndpoint, server: Server, { log }: Router): Promise<string> {
  if (endpoint.kind !== "socket") return listen(server, endpoint.address, endpoint.flag, log);
  await listenOnSocket(server, endpoint);
  server.on("error", (error) => log("cannot take a connection", error));
  return endpoint.path;
}

async function createLimitedServer(
  endpoint: HttpEndpoint,
  handler: Handler,
  timeoutMs: number,
): Promise<Server> {
  const all = {
    ...limits,
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: timeoutMs,
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response, handler);
  const server =
    endpoint.kind === "tls" ? await endpoint.tls.createServer(all, onRequest) : createServer(all, onRequest);
  server.setTimeout(idleSocketMs);
  // Before TLS begins, because a handshake costs more than a connection.
  return server.on("connection", (socket: Socket) => {
    handler.connections.admit(socket, handler.peerUid(socket));
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  const { socket } = request;
  // Hundreds of requests fit into one packet; no client of ours sends a request before the last one is answered.
  if (handler.busy.has(socket)) return void socket.destroy();
  handler.busy.add(socket);
  const hungUp = new AbortController();
  response.once("close", () => {
    hungUp.abort();
    handler.connections.setRole(socket, null);
  });
  try {
    const { reply, caller } = await answer(request, hungUp.signal, handler);
    await handler.sender.send(reply, response, caller);
  } catch (error) {
    // A caller that hangs up in the middle of a request is not worth a log line.
    if (!hungUp.signal.aborted && request.complete) handler.router.log("a reply ended early", error);
    response.destroy();
  } finally {
    handler.busy.delete(socket);
  }
}

/** `caller` null: the caller is unknown. Rejects when the caller hangs up before its request is whole. */
async function answer(
  request: IncomingMessage,
  signal: AbortSignal,
  handler: Handler,
): Promise<{ readonly reply: Outgoing; readonly caller: Caller | null }> {
  const { router, rules, peerUid, failedLogins } = handler;
  const { method = "", url: target = "", headers } = request;
  const webhook = handler.webhooks && webhookName(method, target);
  if (handler.webhooks && webhook) {
    const from = rules.kind === "socket" ? "local" : (request.socket.remoteAddress ?? "");
    const reply = await handler.webhooks.answer(webhook, request, doorNames[rules.kind], from);
    return { reply, caller: null };
  }
  const body = await readBody(request);
  const { tokens } = router.host;
  const isUserNeeded = rules.loopback === "none" || isUserNeededFor(router.routes, method, target);
  const context = await observeRequest(request, { kind: rules.kind, tokens, peerUid, isUserNeeded });
  const identified = identify(context, rules);
  if ("refusal" in identified) {
    const { refusal, status, failed } = identified;
    const isTooMany = failed && failedLogins.record(doorNames[rules.kind], context.from);
    return { reply: isTooMany ? tooManyFailures : problem(status, refusal), caller: null };
  }
  const { caller } = identified;
  if (body === null) return { reply: tooLong, caller };
  handler.connections.setRole(request.socket, caller.role);
  const eventId = headers["last-event-id"];
  const lastEventId = typeof eventId === "string" ? eventId : null;
  const whole = { method, target, body: body.toString("utf8"), caller, signal, lastEventId };
  return { reply: await dispatch(whole, router), caller };
}

const tooLong: Outgoing = { ...problem(413, `A body has at most ${bodyMaxBytes} bytes`), hangUp: true };
