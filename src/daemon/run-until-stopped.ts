/** The time between a start and a stop: everything that looks and acts runs, and what would end it is watched. */
import { MountWatch } from "../host/mounts/mount-watch.ts";
import type { Listeners } from "../listen/listeners.ts";
import { type Ending, untilAborted } from "../platform/abort.ts";
import type { Log } from "../platform/log.ts";
import { renderRemoval } from "../rollout/removals.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { enqueueBelow, enqueueService, scanForDrift } from "../wake/drift-scan.ts";
import { guardRemovals, presentIn, removalsBy } from "./config/guard-removals.ts";
import { hostNames, type Loaded, type Valid } from "./config/load-config.ts";
import { watchConfig } from "./config/watch-config.ts";
import { watchHostname } from "./config/watch-hostname.ts";
import type { ReloadRequests } from "./reload-requests.ts";
import type { Setup } from "./setup.ts";
import type { Wired } from "./wire.ts";

/** Why it is over. `reload`: this config is to be taken up by the same process. */
export type Outcome = { readonly is: "stopped" } | { readonly is: "reload"; readonly loaded: Valid };

/** The parts of a booted daemon. */
interface Parts {
  readonly setup: Setup;
  readonly loaded: Valid;
  readonly wired: Wired;
  readonly loops: readonly UpstreamLoop[];
}

/** Looks and acts until told to stop, or until the config has changed. */
export async function runUntilStopped(
  { setup, loaded, wired: { context, timers, mounted, unitMonitor }, loops }: Parts,
  { listeners, reloads }: { readonly listeners: Listeners; readonly reloads: ReloadRequests },
  stop: Ending,
): Promise<Outcome> {
  const { log, clock } = context;
  const { everyMs, restart } = setup.options;
  const mountWatch = new MountWatch(clock, (points) => enqueueBelow(points, loops));
  mounted.on("mounted", (target) => mountWatch.mounted(target));
  const runs = [
    // First: a freeze whose time has come is over before upstream is asked.
    timers.run(loops, context),
    ...loops.map((loop) => loop.run()),
    scanForDrift(loops, everyMs, context),
    mountWatch.run(stop.signal),
    unitMonitor.run(
      loops.flatMap(({ group }) => group.services),
      (service) => enqueueService(service, loops),
    ),
  ];
  const load = async () => guarded(await setup.load(), setup, context);
  const tools = { log, clock, signal: stop.signal };
  const names = () => hostNames(setup.options.hosts);
  const watches = [
    ...(restart ? [watchConfig(setup.configPath, loaded.text, load, tools)] : []),
    watchReloads(reloads, load, tools),
    watchHostname(setup.hosts, load, { ...tools, names }),
  ];
  const take = (valid: Valid | null): Valid | null => {
    if (valid === null) return null;
    listeners.hold();
    stop.end();
    for (const removal of removalsBy(valid, presentIn(context.records, setup.self?.name)))
      log.warn({ service: removal.service }, `the changed config ${renderRemoval(removal)}`);
    return valid;
  };
  const taken = watches.map((watching) => watching.then(take));
  await Promise.all([...runs, untilAborted(stop.signal)]);
  const next = (await Promise.all(taken)).find((valid) => valid !== null);
  return next === undefined ? { is: "stopped" } : { is: "reload", loaded: next };
}

/** Resolves to the config when it is asked for and valid, to null when stopped. One that is not is logged. */
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

/** The config, where it does not take away all that the host has. */
export function guarded(loaded: Loaded, setup: Setup, { records }: Wired["context"]): Loaded {
  return guardRemovals(loaded, presentIn(records, setup.self?.name), setup);
}
