/** The time between a start and a stop: runs the loops, and watches for reloads, a changed config and a new host name. */

import { hostNames } from "../host/host-names.ts";
import { MountWatch } from "../host/mounts/mount-watch.ts";
import type { Listeners } from "../listen/listeners.ts";
import { type Ending, untilAborted } from "../platform/abort.ts";
import type { Log } from "../platform/log.ts";
import type { Records } from "../reconcile/records.ts";
import { renderRemoval } from "../rollout/removals.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { enqueueBelow, enqueueService, scanForDrift } from "../wake/drift-scan.ts";
import type { Built } from "./build.ts";
import { guardRemovals, presentIn, removalsBy } from "./config/guard-removals.ts";
import type { Loaded, Valid } from "./config/load-config.ts";
import { watchConfig } from "./config/watch-config.ts";
import { watchHostname } from "./config/watch-hostname.ts";
import type { Setup } from "./setup.ts";
import type { Wired } from "./wire.ts";

/** Requests to reload the config. Requests during a reload are coalesced into one more. */
export class ReloadRequests {
  #fired = Promise.withResolvers<void>();

  request(): void {
    this.#fired.resolve();
  }

  /** Resolves on a request since the last call, or on abort. */
  async next(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#fired.promise, untilAborted(signal)]);
    this.#fired = Promise.withResolvers();
  }
}

/** The parts of a booted daemon. */
interface Parts {
  readonly setup: Setup;
  readonly loaded: Valid;
  readonly loops: readonly UpstreamLoop[];
  readonly listeners: Listeners;
  readonly reloads: ReloadRequests;
}

type Tools = Pick<Wired, "timers" | "mounted" | "unitMonitor" | "records" | "clock" | "log" | "stopping"> &
  Pick<Built, "mounts" | "underWays">;

/** Runs all loops. Returns the config when it has changed and the same process is to go on with it; null: stopped. */
export async function runUntilStopped(
  { setup, loaded, loops, listeners, reloads }: Parts,
  tools: Tools,
  stop: Ending,
): Promise<Valid | null> {
  const { timers, mounted, unitMonitor, records, log, clock } = tools;
  const { everyMs, restart } = setup.options;
  const mountWatch = new MountWatch(clock, (points) => enqueueBelow(points, loops, tools));
  mounted.on("mounted", (target) => mountWatch.mounted(target));
  const runs = [
    // First: a freeze whose time has come ends before upstream is polled.
    timers.run(loops, tools),
    ...loops.map((loop) => loop.run()),
    scanForDrift(loops, everyMs, tools),
    mountWatch.run(stop.signal),
    unitMonitor.run(
      loops.flatMap(({ group }) => group.services),
      (service) => enqueueService(service, loops),
    ),
  ];
  const load = async () => guarded(await setup.load(), setup, records);
  const watching = { log, clock, signal: stop.signal };
  const names = () => hostNames(setup.options.hosts);
  const watches = [
    ...(restart ? [watchConfig(setup.configPath, loaded.text, load, watching)] : []),
    watchReloads(reloads, load, watching),
    watchHostname(setup.hosts, load, { ...watching, names }),
  ];
  const take = (valid: Valid | null): Valid | null => {
    if (valid === null) return null;
    listeners.hold();
    stop.end();
    for (const removal of removalsBy(valid, presentIn(records, setup.self?.name)))
      log.warn({ service: removal.service }, `the changed config ${renderRemoval(removal)}`);
    return valid;
  };
  const taken = watches.map((watch) => watch.then(take));
  await Promise.all([...runs, untilAborted(stop.signal)]);
  return (await Promise.all(taken)).find((valid) => valid !== null) ?? null;
}

/** Resolves to the config when a reload is requested and it is valid, to null when stopped. Logs why one is not valid. */
async function watchReloads(
  reloads: ReloadRequests,
  load: () => Promise<Loaded>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Valid | null> {
  for (;;) {
    await reloads.next(signal);
    if (signal.aborted) return null;
    const loaded = await load().catch((error: unknown) => ({ ok: false as const, lines: [String(error)] }));
    if (signal.aborted) return null;
    if (loaded.ok) return loaded;
    for (const line of loaded.lines) log.error(line);
    log.error("the config is not valid: gitopper goes on with the one that it has");
  }
}

/** The config, or why it is refused: it would remove everything from the host. */
export function guarded(loaded: Loaded, setup: Setup, records: Records): Loaded {
  return guardRemovals(loaded, presentIn(records, setup.self?.name), setup);
}
