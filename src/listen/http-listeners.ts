/** Opens the HTTP listeners: the Unix socket, `-a`, and `-m`. */
import type { Route } from "../api/route.ts";
import { defaultSocket } from "../platform/files/default-socket.ts";
import type { Log } from "../platform/log.ts";
import type { Router } from "../server/dispatch.ts";
import { type Listener, serveHttp } from "../server/http/http.ts";
import type { HandleWebhook } from "../server/http/webhook-receiver.ts";
import type { FailedLogins } from "../server/identity/failed-logins.ts";
import { createPeerUid } from "../server/identity/peer-credentials.ts";
import { ListenFailure } from "../server/listen.ts";
import type { MainEndpoint } from "./main-listener.ts";

/** Of the command line. */
export interface HttpOptions {
  /** Null: none. */
  readonly socket: string | null;
  readonly metric: string | null;
  /** Whether the daemon has to run as root. */
  readonly root: boolean;
}

export interface HttpListenersOptions {
  readonly options: HttpOptions;
  /** Null: this listener stays closed. */
  readonly main: MainEndpoint | null;
  /** The group whose members may read over the socket; null: none. */
  readonly gid: number | null;
  readonly router: Router;
  readonly metricsRoute: Route;
  readonly names: readonly string[];
  readonly failedLogins: FailedLogins;
  /** Null: the config has no webhooks. */
  readonly webhooks: HandleWebhook | null;
  readonly log: Log;
}

/** @throws ListenFailure */
export async function openHttpListeners(given: HttpListenersOptions): Promise<Listener[]> {
  const { options, main, router, metricsRoute, names, failedLogins } = given;
  const common = { router, names, failedLogins };
  const listeners = main ? [await serveHttp({ ...common, webhooks: given.webhooks, endpoint: main })] : [];
  if (options.metric !== null) {
    const endpoint = { kind: "metrics", address: options.metric, flag: "-m" } as const;
    listeners.push(await serveHttp({ ...common, endpoint, router: { ...router, routes: [metricsRoute] } }));
  }
  const socket = await openSocket(given);
  return socket === null ? listeners : [...listeners, socket];
}

/** A daemon without root cannot create the default socket; it continues without one unless `--socket` is given. */
async function openSocket(given: HttpListenersOptions): Promise<Listener | null> {
  const { options, gid, router, names, failedLogins, webhooks, log } = given;
  if (options.socket === null) return null;
  const peerUid = createPeerUid((message) => log.warn(message));
  const endpoint = { kind: "socket", path: options.socket, gid, peerUid } as const;
  try {
    return await serveHttp({ endpoint, router, names, failedLogins, webhooks });
  } catch (error) {
    if (options.root || options.socket !== defaultSocket || !(error instanceof ListenFailure)) throw error;
    log.warn(`${error.message}; goes on without`);
    return null;
  }
}
