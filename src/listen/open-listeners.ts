/** Opens all listeners with the same router and the same count of failed logins. */
import type { Route } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import { createHost, type HostParts } from "../control/api-host.ts";
import type { Event } from "../model/event.ts";
import type { Service, Settings } from "../model/service.ts";
import type { Router } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";
import { FailedLogins } from "../server/identity/failed-logins.ts";
import { tlsFaults } from "../server/tls/tls-faults.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { stuckReason } from "../wake/drift-scan.ts";
import { type HttpOptions, openHttpListeners } from "./http-listeners.ts";
import { fingerprintOf, planMainListener } from "./main-listener.ts";
import { openSshListener } from "./ssh-listener.ts";

/** What the listeners need of a booted daemon. */
interface Booted {
  readonly setup: {
    readonly options: HttpOptions & { readonly address: string; readonly ssh: string | null };
    /** The names that the host answers to since the start. */
    readonly hosts: readonly string[];
    /** Gitopper's own service, when it is bootstrapped. */
    readonly self: Service | null;
  };
  /** The config; `gid`: the group that may read at the socket. */
  readonly loaded: { readonly settings: Settings; readonly gid: number | null };
  readonly wired: HostParts & {
    readonly metrics: { readonly route: Route; readonly observe: (event: Event) => void };
  };
  readonly loops: readonly UpstreamLoop[];
}

/** @throws ListenFailure */
export async function openListeners(
  { setup, loaded, wired, loops }: Booted,
  {
    routerForChanges,
    makeRoom,
  }: { readonly routerForChanges: () => Promise<Router>; readonly makeRoom: () => void },
): Promise<{ readonly router: Router; readonly listeners: readonly Listener[] }> {
  const { options, hosts: names, self } = setup;
  const { settings, gid } = loaded;
  const { log, clock, stateDir } = wired.context;
  const { route: metricsRoute, observe } = wired.metrics;
  const main = await planMainListener({ address: options.address, names, api: settings.api, stateDir, log });
  const host = createHost({
    parts: wired,
    names,
    fingerprint: () => fingerprintOf(main),
    machines: machinesOf(settings, self),
    keys: settings.keys,
    api: settings.api,
    webhooks: settings.webhooks,
    tlsFaults,
    loops,
    ailment: () => stuckReason(loops),
  });
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

function machinesOf(settings: Settings, self: Service | null): readonly string[] {
  return [...new Set([...settings.machines, ...(self ? [self.machine] : [])])];
}
