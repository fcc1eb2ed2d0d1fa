/** Opens all listeners with the same router and the same count of failed logins. */
import { routes } from "../api/routes.ts";
import { createHost } from "../control/api-host.ts";
import type { Loaded } from "../daemon/config/load-config.ts";
import type { Setup } from "../daemon/setup.ts";
import type { Wired } from "../daemon/wire.ts";
import type { Service, Settings } from "../model/service.ts";
import type { Router } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";
import { FailedLogins } from "../server/identity/failed-logins.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { ailmentOf } from "../wake/drift-scan.ts";
import { openHttpListeners } from "./http-listeners.ts";
import { fingerprintOf, planMainListener } from "./main-listener.ts";
import { openSshListener } from "./ssh-listener.ts";

/** The parts of a booted daemon. */
export interface Parts {
  readonly setup: Setup;
  readonly loaded: Extract<Loaded, { ok: true }>;
  readonly wired: Wired;
  readonly loops: readonly UpstreamLoop[];
}

/** @throws ListenFailure */
export async function openListeners(
  { setup, loaded, wired, loops }: Parts,
  {
    routerForChanges,
    makeRoom,
  }: { readonly routerForChanges: () => Promise<Router>; readonly makeRoom: () => void },
): Promise<{ readonly router: Router; readonly listeners: readonly Listener[] }> {
  const { options, hosts: names, self } = setup;
  const { settings, gid } = loaded;
  const { log, stateDir } = wired.context;
  const { route: metricsRoute, observe } = wired.metrics;
  const main = await planMainListener({ address: options.address, names, api: settings.api, stateDir, log });
  const host = createHost({
    wired,
    names,
    fingerprint: () => fingerprintOf(main),
    machines: machinesOf(settings, self),
    keys: settings.keys,
    api: settings.api,
    webhooks: settings.webhooks,
    loops,
    ailment: () => ailmentOf(loops),
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
      : (await import("../wake/webhooks.ts")).joinWebhooks(settings.webhooks, loops, wired);
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
