/** Gives every door the same host, the same routes, and the same memory of failed logins. */
import { routes } from "../api/routes.ts";
import { createHost } from "../control/api-host.ts";
import type { Loaded } from "../daemon/config/load-config.ts";
import type { Setup } from "../daemon/setup.ts";
import type { Wired } from "../daemon/wire.ts";
import type { Service, Settings } from "../model/service.ts";
import type { Desk } from "../server/dispatch.ts";
import type { Listener } from "../server/http/http.ts";
import { FailedLogins } from "../server/identity/failed-logins.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { ailmentOf } from "../wake/drift-scan.ts";
import { fingerprintOf, planMainDoor } from "./main-door.ts";
import { openDoors } from "./open-doors.ts";
import { openSshDoor } from "./ssh-door.ts";

/** All that a daemon is made of when it has booted. */
export interface Parts {
  readonly setup: Setup;
  readonly loaded: Extract<Loaded, { ok: true }>;
  readonly wired: Wired;
  readonly loops: readonly UpstreamLoop[];
}

/** @throws ListenFailure */
export async function openAllDoors(
  { setup, loaded, wired, loops }: Parts,
  { settled, makeRoom }: { readonly settled: () => Promise<Desk>; readonly makeRoom: () => void },
): Promise<{ readonly desk: Desk; readonly listeners: readonly Listener[] }> {
  const { options, hosts: names, self } = setup;
  const { settings, gid } = loaded;
  const { log, stateDir } = wired.context;
  const { route: metricsRoute, observe } = wired.metrics;
  const main = await planMainDoor({ address: options.address, names, api: settings.api, stateDir, log });
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
  const desk: Desk = {
    host,
    routes: [...routes, metricsRoute],
    settled,
    log: (message, cause) => log.error({ err: cause }, message),
  };
  const failedLogins = new FailedLogins({
    onRefused: (door) => observe({ type: "login-refused", door }),
    warn: (message) => log.warn(message),
    now: () => performance.now(),
  });
  const doors = { desk, failedLogins, log };
  const webhooks =
    settings.webhooks.length === 0
      ? null
      : (await import("../wake/webhooks.ts")).joinWebhooks(settings.webhooks, loops, wired);
  makeRoom();
  const listeners = [
    ...(await openDoors({ ...doors, webhooks, options, main, gid, metricsRoute, names })),
    ...(await openSshDoor({ ...doors, ssh: options.ssh, keys: settings.keys, stateDir })),
  ];
  return { desk, listeners };
}

function machinesOf(settings: Settings, self: Service | null): readonly string[] {
  return [...new Set([...settings.machines, ...(self ? [self.machine] : [])])];
}
