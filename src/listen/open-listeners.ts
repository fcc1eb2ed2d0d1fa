/** Opens all listeners with the same router and the same count of failed logins. */
import type { Host } from "../api/host.ts";
import type { Route } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import type { Event } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import type { Settings } from "../model/service.ts";
import type { Clock } from "../platform/clock.ts";
import { defaultSocket } from "../platform/files/default-socket.ts";
import type { Log } from "../platform/log.ts";
import type { Router } from "../server/dispatch.ts";
import { type HttpOptions, type Listener, serveHttp } from "../server/http/http.ts";
import { FailedLogins } from "../server/identity/failed-logins.ts";
import { createPeerUid } from "../server/identity/peer-credentials.ts";
import { ListenFailure } from "../server/listen.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { fingerprintOf, planMainListener } from "./main-listener.ts";
import { openSshListener } from "./ssh-listener.ts";

/** What the listeners need of a booted daemon. */
interface Booted {
  readonly setup: {
    /** Of the command line; null: not given. */
    readonly options: {
      readonly address: string;
      readonly metric: string | null;
      readonly socket: string | null;
      readonly ssh: string | null;
      /** Whether the daemon has to run as root. */
      readonly root: boolean;
    };
    /** The names that the host answers to since the start. */
    readonly hosts: readonly string[];
  };
  /** The config; `gid`: the group that may read at the socket. */
  readonly loaded: { readonly settings: Settings; readonly gid: number | null };
  readonly metrics: { readonly route: Route; readonly observe: (event: Event) => void };
  readonly loops: readonly UpstreamLoop[];
  /** `fingerprint`: of the HTTPS certificate; null without HTTPS. */
  readonly createHost: (fingerprint: () => string | null) => Host;
  readonly stateDir: AbsPath;
  readonly clock: Clock;
  readonly log: Log;
}

/** @throws ListenFailure */
export async function openListeners(
  booted: Booted,
  routerForChanges: () => Promise<Router>,
  makeRoom: () => void,
): Promise<{ readonly router: Router; readonly listeners: readonly Listener[] }> {
  const { setup, loaded, metrics, loops, createHost, stateDir, clock, log } = booted;
  const { options, hosts: names } = setup;
  const { settings } = loaded;
  const { route: metricsRoute, observe } = metrics;
  const main = await planMainListener({ address: options.address, names, api: settings.api, stateDir, log });
  const router: Router = {
    host: createHost(() => fingerprintOf(main)),
    routes: [...routes, metricsRoute],
    routerForChanges,
    log: (message, cause) => log.error({ err: cause }, message),
  };
  const failedLogins = new FailedLogins({
    onRefused: (door) => observe({ type: "login-refused", door }),
    warn: (message) => log.warn(message),
    now: () => performance.now(),
  });
  const webhooks =
    settings.webhooks.length === 0
      ? null
      : (await import("../wake/webhooks.ts")).joinWebhooks(settings.webhooks, loops, { log, clock, observe });
  makeRoom();
  const http = { router, names, failedLogins, webhooks };
  const listeners = main ? [await serveHttp({ ...http, endpoint: main })] : [];
  if (options.metric !== null) {
    const endpoint = { kind: "metrics", address: options.metric, flag: "-m" } as const;
    const only = { router: { ...router, routes: [metricsRoute] }, webhooks: null };
    listeners.push(await serveHttp({ ...http, ...only, endpoint }));
  }
  const socket = await openSocket(http, booted);
  const ssh = { ssh: options.ssh, keys: settings.keys, stateDir, router, failedLogins, log };
  return { router, listeners: [...listeners, ...socket, ...(await openSshListener(ssh))] };
}

/**
 * One listener or none: a daemon without root cannot create the default socket, and continues without one unless
 * `--socket` is given.
 */
async function openSocket(
  http: Omit<HttpOptions, "endpoint">,
  { setup: { options }, loaded: { gid }, log }: Pick<Booted, "setup" | "loaded" | "log">,
): Promise<readonly Listener[]> {
  if (options.socket === null) return [];
  const peerUid = createPeerUid((message) => log.warn(message));
  const endpoint = { kind: "socket", path: options.socket, gid, peerUid } as const;
  try {
    return [await serveHttp({ ...http, endpoint })];
  } catch (error) {
    if (options.root || options.socket !== defaultSocket || !(error instanceof ListenFailure)) throw error;
    log.warn(`${error.message}; goes on without`);
    return [];
  }
}
