/** Opens all listeners with the same router and the same count of failed logins. */
import type { Host } from "../api/host.ts";
import type { Route } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import type { Event } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import type { Settings } from "../model/service.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Router } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";
import { FailedLogins } from "../server/identity/failed-logins.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { type HttpOptions, openHttpListeners } from "./http-listeners.ts";
import { fingerprintOf, planMainListener } from "./main-listener.ts";
import { openSshListener } from "./ssh-listener.ts";

/** What the listeners need of a booted daemon. */
interface Booted {
  readonly setup: {
    readonly options: HttpOptions & { readonly address: string; readonly ssh: string | null };
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
  { setup, loaded, metrics, loops, createHost, stateDir, clock, log }: Booted,
  {
    routerForChanges,
    makeRoom,
  }: { readonly routerForChanges: () => Promise<Router>; readonly makeRoom: () => void },
): Promise<{ readonly router: Router; readonly listeners: readonly Listener[] }> {
  const { options, hosts: names } = setup;
  const { settings, gid } = loaded;
  const { route: metricsRoute, observe } = metrics;
  const main = await planMainListener({ address: options.address, names, api: settings.api, stateDir, log });
  const host = createHost(() => fingerprintOf(main));
  const router: Router = {
    host,
    routes: [...routes, metricsRoute],
    routerForChanges,
    log: (message, cause) => log.error({ err: cause }, message),
  };
  const failedLogins = new FailedLogins({
    onRefused: (door) => observe({ type: "login-refused", door }),
    warn: (message) => log.warn(message),
    now: () => performance.now(),
  });
  const common = { router, failedLogins, log };
  const webhooks =
    settings.webhooks.length === 0
      ? null
      : (await import("../wake/webhooks.ts")).joinWebhooks(settings.webhooks, loops, { log, clock, observe });
  makeRoom();
  const listeners = [
    ...(await openHttpListeners({ ...common, webhooks, options, main, gid, metricsRoute, names })),
    ...(await openSshListener({ ...common, ssh: options.ssh, keys: settings.keys, stateDir })),
  ];
  return { router, listeners };
}
