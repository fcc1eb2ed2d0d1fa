/** The daemon's life: reads the config, mounts from disk, becomes ready, and runs until it has to stop. */
import { storePath } from "../git/store/store.ts";
import type { ServiceRecord } from "../history/kept.ts";
import { Listeners } from "../listen/listeners.ts";
import { openListeners } from "../listen/open-listeners.ts";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import { type Service, type Settings, storeMaxBytesDefault } from "../model/service.ts";
import { endingWith, type Ending as Generation } from "../platform/abort.ts";
import { futureRealOf } from "../platform/files/trust.ts";
import type { Log } from "../platform/log.ts";
import { createNotify, type Notify } from "../platform/notify.ts";
import { exec } from "../platform/process/exec.ts";
import type { Records } from "../reconcile/records.ts";
import { createServices, groupServices } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { enqueueChanged, enqueueInside } from "../wake/drift-scan.ts";
import { adoptCheckouts } from "./adopt.ts";
import { prepareGit, prepareStateDir, unlockStores } from "./boot.ts";
import { type Built, build, gatesOf } from "./build.ts";
import { composeHost } from "./compose.ts";
import { type Loaded, type Valid, whoseServices } from "./config/load-config.ts";
import { bringOnce, createLoop } from "./create-loop.ts";
import { removeDeparted, unmountDeparted } from "./departed.ts";
import { createDisk, mountFromDisk, unmountOrphans } from "./mount-from-disk.ts";
import { markDamaged } from "./open-state.ts";
import type { Options } from "./options.ts";
import { guarded, type ReloadRequests, runUntilStopped } from "./run-until-stopped.ts";
import { bootstrapSelf } from "./self.ts";
import { prepare, type Setup, StartFailure, settingsOf } from "./setup.ts";
import { type Lasting, openLasting, type Wired, wire } from "./wire.ts";

/** Why the daemon ends; the exit status is 0 or 2. */
export type Ending = "stopped" | "restart";

/**
 * Runs until `stop` is aborted. A reload does not end it: on a request, on a change of the config with `--restart`, and
 * on a new host name, the same process goes on with the new config and open listeners.
 * @throws StartFailure
 */
export async function runDaemon(
  options: Options,
  log: Log,
  stop: AbortController,
  reloads: ReloadRequests,
): Promise<Ending> {
  const setup = prepare(options);
  // Without a bootstrap the config is checked before anything on the host changes.
  const early = setup.self === null ? await setup.loadForStart() : null;
  if (early !== null) settingsOf(early);
  prepareStateDir(options.stateDir);
  // Resolved once: a symlink on the way may change while the daemon runs, and this state exists only there.
  const lasting = openLasting(futureRealOf(options.stateDir), log);
  const damaged = watchDamage(lasting, stop);
  const listeners = new Listeners();
  const notify = createNotify(exec, process.env);
  try {
    await runGenerations({ setup, early, lasting, listeners, notify, reloads }, stop);
    return damaged() ? "restart" : "stopped";
  } finally {
    await Promise.all([notify.stopping().catch(() => {}), listeners.close()]);
    lasting.stateFile.close();
  }
}

/** Ends the daemon when the state file turns out to be damaged: the next one sets it aside. */
function watchDamage({ stateFile, stateDir, log }: Lasting, stop: AbortController): () => boolean {
  let seen = false;
  stateFile.onDamage = (why) => {
    if (seen) return;
    seen = true;
    log.error(`the state file is damaged (${why}): gitopper starts again with a new one`);
    markDamaged(stateDir);
    stop.abort();
  };
  return () => seen;
}

interface Given {
  readonly setup: Setup;
  /** The config, where it has been read already. */
  readonly early: Loaded | null;
  readonly lasting: Lasting;
  readonly listeners: Listeners;
  readonly notify: Notify;
  readonly reloads: ReloadRequests;
}

/** One config after another; everything of the last one has ended before the next one begins. */
async function runGenerations(given: Given, stop: AbortController): Promise<void> {
  const beat = watchdogBeat(given.notify);
  try {
    let generation = endingWith(stop.signal);
    let wired = wire(given.lasting, generation.signal);
    let loaded = await firstConfig(given, wired, stop);
    for (let { setup } = given; loaded !== null; setup = prepare(setup.options)) {
      loaded = await serve({ ...given, setup, loaded }, wired, generation);
      if (loaded === null) return;
      generation = endingWith(stop.signal);
      wired = wire({ ...given.lasting, isStateLost: false }, generation.signal);
    }
  } finally {
    clearInterval(beat);
  }
}

/** Null: stopped before. @throws StartFailure */
async function firstConfig(
  { setup, early }: Given,
  wired: Wired,
  stop: AbortController,
): Promise<Valid | null> {
  const { options, self, user, configPath } = setup;
  if (self !== null && options.bootstrap !== null) {
    const built = build(wired, { services: [], gates: [], storeMaxBytes: storeMaxBytesDefault });
    const bring = () => bringOnce(self, user, built);
    await bootstrapSelf(self, configPath, options.bootstrap.pull, { ...wired, bring });
    if (stop.signal.aborted) return null;
  }
  const loaded = settingsOf(guarded(early ?? (await setup.loadForStart()), setup, wired.records));
  for (const fault of loaded.faults) wired.log.error(`${fault}; gitopper starts without it`);
  return loaded;
}

interface Configured extends Given {
  readonly loaded: Valid;
}

/** Returns the config to go on with; null: stopped. */
async function serve(given: Configured, wired: Wired, generation: Generation): Promise<Valid | null> {
  const { setup, loaded, listeners, notify } = given;
  const { options, self, hosts } = setup;
  const { settings, accounts } = loaded;
  const gates = await gatesOf(settings);
  const built = build(wired, { ...settings, gates });
  const services = [...settings.services, ...(self ? [self] : [])];
  assertSelfAlone(settings, self);
  if (services.length === 0)
    built.log.warn(
      `no service of the config is for this host, which answers to ${hosts.join(", ")}${whoseServices(settings.machines)}`,
    );
  const { loops, departed } = await bootServices(services, { accounts, everyMs: options.everyMs }, built);
  built.mounted.on("mounted", (target) => enqueueInside(target, loops));
  built.fileWatch.onChange = (service) => enqueueChanged(service, loops, built);
  const createHost = composeHost(built, loops, settings, setup);
  const booted = { ...built, setup, loaded, loops, createHost };
  await listeners.replace((makeRoom) => openListeners(booted, listeners.routerForChanges, makeRoom));
  await notify.ready(`${services.length} service${services.length === 1 ? "" : "s"}`);
  // The start does not wait for that, and a stop does not either.
  const cleaned = removeDeparted(departed, services, built);
  const next = await runUntilStopped({ ...given, loops }, built, generation);
  if (next !== null) await cleaned;
  return next;
}

/** @throws StartFailure */
function assertSelfAlone({ services }: Settings, self: Service | null): void {
  const rival = services.find(({ name, checkout }) => name === self?.name || checkout === self?.checkout);
  if (rival === undefined) return;
  throw new StartFailure([
    `Service "${rival.name}" of the config is gitopper's own when it is bootstrapped; take it out of the config`,
  ]);
}

/** The part of the start that needs no network, before systemd is notified that gitopper is ready. */
async function bootServices(
  services: readonly Service[],
  given: { readonly accounts: ReadonlyMap<string, Account>; readonly everyMs: number },
  built: Built,
): Promise<{ readonly loops: UpstreamLoop[]; readonly departed: readonly ServiceRecord[] }> {
  const { stateDir, records } = built;
  const upstreams = services.map(({ upstream }) => upstream);
  prepareGit(stateDir, upstreams);
  const departed = await unmountDeparted(services, built);
  for (const { name, checkout } of services) warnIfMoved(name, checkout, built);
  records.together(() => {
    for (const { name, checkout, upstream, user } of services)
      records.register(name, { checkout, store: storePath(stateDir, upstream, user), user });
  });
  const groups = groupServices(services).map((group) => {
    const account = given.accounts.get(group.user);
    return { group, members: account ? createServices(group, account, built) : null };
  });
  const members = groups.flatMap((group) => group.members ?? []);
  await unlockStores(members, built);
  await unmountOrphans(members, built);
  if (built.isStateLost) await adoptCheckouts(members, built);
  await mountFromDisk(members, { ...built, disk: createDisk(stateDir) });
  const loops = groups.map((each) => createLoop(each.group, each.members, given.everyMs, built));
  return { loops, departed };
}

function warnIfMoved(
  service: string,
  checkout: AbsPath,
  { records, log }: { readonly records: Pick<Records, "records">; readonly log: Log },
): void {
  const before = records.records().find((record) => record.service === service)?.checkout;
  if (before === undefined || before === checkout) return;
  log.warn(
    { service },
    `the checkout is at ${checkout} from now on; remove the old one, ${before}, when you like`,
  );
}

/** The heartbeat that systemd's watchdog wants. */
function watchdogBeat({ watchdogEveryMs, watchdog }: Notify): NodeJS.Timeout | undefined {
  return watchdogEveryMs === null
    ? undefined
    : setInterval(() => void watchdog().catch(() => {}), watchdogEveryMs);
}
