/** Opens the doors that speak HTTP: the Unix socket, `-a`, and `-m`. */
import type { Route } from "../api/route.ts";
import { defaultSocket, type Options } from "../daemon/options.ts";
import type { Log } from "../platform/log.ts";
import type { Desk } from "../server/dispatch.ts";
import { type Listener, serveHttp } from "../server/http/http.ts";
import type { TakeWebhook } from "../server/http/webhook-door.ts";
import type { FailedLogins } from "../server/identity/failed-logins.ts";
import { createPeerUid } from "../server/identity/peer-credentials.ts";
import { ListenFailure } from "../server/listen.ts";
import type { MainDoor } from "./main-door.ts";

export interface DoorsOptions {
  readonly options: Pick<Options, "socket" | "metric" | "root">;
  /** Null: it stays closed. */
  readonly main: MainDoor | null;
  /** The group that may read at the socket; null: none. */
  readonly gid: number | null;
  readonly desk: Desk;
  readonly metricsRoute: Route;
  readonly names: readonly string[];
  readonly failedLogins: FailedLogins;
  /** Null: there are none. */
  readonly webhooks: TakeWebhook | null;
  readonly log: Log;
}

/** @throws ListenFailure */
export async function openDoors(doors: DoorsOptions): Promise<Listener[]> {
  const { options, main, desk, metricsRoute, names, failedLogins } = doors;
  const common = { desk, names, failedLogins };
  const listeners = main ? [await serveHttp({ ...common, webhooks: doors.webhooks, place: main })] : [];
  if (options.metric !== null) {
    const place = { entrance: "metrics", address: options.metric, flag: "-m" } as const;
    listeners.push(await serveHttp({ ...common, place, desk: { ...desk, routes: [metricsRoute] } }));
  }
  const socket = await openSocket(doors);
  return socket === null ? listeners : [...listeners, socket];
}

/** Without root, where the socket usually is nobody can make one, and nobody has asked for it. */
async function openSocket(doors: DoorsOptions): Promise<Listener | null> {
  const { options, gid, desk, names, failedLogins, webhooks, log } = doors;
  if (options.socket === null) return null;
  const peerUid = createPeerUid((message) => log.warn(message));
  const place = { entrance: "socket", path: options.socket, gid, peerUid } as const;
  try {
    return await serveHttp({ place, desk, names, failedLogins, webhooks });
  } catch (error) {
    if (options.root || options.socket !== defaultSocket || !(error instanceof ListenFailure)) throw error;
    log.warn(`${error.message}; goes on without`);
    return null;
  }
}
