/** An open listener of the daemon for tests, and requests that our client would not send. */
import { once } from "node:events";
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import type { DoorName } from "../../src/api/caller.ts";
import { type Route, route } from "../../src/api/route.ts";
import { type HttpEndpoint, type HttpOptions, type Listener, serveHttp } from "../../src/server/http/http.ts";
import { FailedLogins } from "../../src/server/identity/failed-logins.ts";
import { aHost, type HostOverrides } from "../builders/a-host.ts";

const text = (body: string) => ({ status: 200, contentType: "text/plain", body });

/** A route for a test; takes no query and no body. */
export function aRoute(
  method: Route["method"],
  path: string,
  role: Route["role"],
  handle: Route["handle"],
): Route {
  return route({ method, path, role, purpose: "", reply: null, handle });
}

/** `GET /who` and `POST /who` reply with the caller's name and role. */
export const whoRoutes: readonly Route[] = [
  aRoute("GET", "/who", "read", (_host, { caller }) => text(`${caller.who}: ${caller.role}`)),
  aRoute("POST", "/who", "operate", (_host, { caller }) => text(`${caller.who}: ${caller.role}`)),
];

export interface TestListener extends Listener, AsyncDisposable {
  /** 0 for a socket. */
  readonly port: number;
  readonly logged: string[];
  readonly refusedAt: DoorName[];
}

type Given = Partial<Pick<HttpOptions, "streams" | "requestTimeoutMs" | "webhooks">> & {
  readonly endpoint?: HttpEndpoint;
  readonly routes?: readonly Route[];
  readonly host?: HostOverrides;
};

export const loopback: HttpEndpoint = { kind: "loopback", address: "127.0.0.1:0", flag: "-a" };

export async function openListener({
  endpoint = loopback,
  routes = whoRoutes,
  host = {},
  ...more
}: Given = {}): Promise<TestListener> {
  const logged: string[] = [];
  const refusedAt: DoorName[] = [];
  const warn = (message: string) => void logged.push(message);
  const failedLogins = new FailedLogins({
    warn,
    onRefused: (door) => void refusedAt.push(door),
    now: () => performance.now(),
  });
  const router = {
    routes,
    host: aHost(host),
    log: (message: string, cause: unknown) => warn(`${message}: ${cause}`),
  };
  const listener = await serveHttp({ endpoint, router, names: [], failedLogins, ...more });
  const port = Number(/:(\d+)$/.exec(listener.address)?.[1] ?? 0);
  return { ...listener, port, logged, refusedAt, [Symbol.asyncDispose]: () => listener.close() };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Asked extends RequestOptions {
  readonly body?: string;
  readonly token?: string;
  readonly tls?: Readonly<Record<string, unknown>>;
}

/** Sends one request on a connection of its own, and reads the whole reply. */
export async function ask(asked: Asked): Promise<Reply> {
  const { body = "" } = asked;
  const sending = start(asked).end(body);
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  let received = "";
  for await (const chunk of response.setEncoding("utf8")) received += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body: received };
}

/** A request that the test ends. */
export function start({ token, tls, headers, body, ...options }: Asked): ClientRequest {
  const all = {
    host: "127.0.0.1",
    agent: false as const,
    ...options,
    headers: {
      ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(headers as Record<string, string> | undefined),
    },
  };
  return tls ? httpsRequest({ ...all, ...tls }) : httpRequest(all);
}

/** Connects and sends raw bytes; returns everything received until the other side disconnects. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let received = "";
  socket.on("data", (chunk: string) => {
    received += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return received;
}
