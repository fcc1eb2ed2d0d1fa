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
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Records } from "../reconcile/records.ts";
import { groupServices } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import { enqueueChanged, enqueueInside } from "../wake/drift-scan.ts";
import { adoptCheckouts } from "./adopt.ts";
import { prepareGit, prepareStateDir, unlockStores } from "./boot.ts";
import { type Built, build } from "./build.ts";
import { bootPorts, composeHost, createLoops } from "./compose.ts";
import { type Loaded, type Valid, whoseServices } from "./config/load-config.ts";
import { removeDeparted, unmountDeparted } from "./departed.ts";
import { gatesOf } from "./gates.ts";
import { mountFromDisk, unmountOrphans } from "./mount-from-disk.ts";
import { markDamaged } from "./open-state.ts";
import type { Options } from "./options.ts";
import type { ReloadRequests } from "./reload-requests.ts";
import { guarded, type Outcome, runUntilStopped } from "./run-until-stopped.ts";
import { bootstrapSelf, selfConfigPath } from "./self.ts";
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

interface Life {
  readonly setup: Setup;
  /** The config, where it has been read already. */
  readonly early: Loaded | null;
  readonly lasting: Lasting;
  readonly listeners: Listeners;
  readonly notify: Notify;
  readonly reloads: ReloadRequests;
}

/** One config after another; everything of the last one has ended before the next one begins. */
async function runGenerations(life: Life, stop: AbortController): Promise<void> {
  const { listeners, notify, reloads, setup: first } = life;
  const beat = watchdogBeat(notify);
  try {
    let generation = endingWith(stop.signal);
    let wired = wire(life.lasting, generation.signal);
    let loaded = await firstConfig(life, wired, stop);
    for (let setup = first; loaded !== null; setup = prepare(first.options)) {
      const outcome: Outcome = await serve({ setup, loaded, wired, listeners, notify, reloads }, generation);
      if (outcome.is === "stopped") return;
      loaded = outcome.loaded;
      generation = endingWith(stop.signal);
      wired = wire({ ...life.lasting, isStateLost: false }, generation.signal);
    }
  } finally {
    clearInterval(beat);
  }
}

/** Null: stopped before. @throws StartFailure */
async function firstConfig(
  { setup, early }: Life,
  wired: Wired,
  stop: AbortController,
): Promise<Valid | null> {
  const { options, self, user: account } = setup;
  if (self !== null && options.bootstrap !== null) {
    const how = { account, pull: options.bootstrap.pull };
    const built = build(wired, { services: [], gates: [], storeMaxBytes: storeMaxBytesDefault });
    const unlock = (members: readonly ManagedService[]) => unlockStores(members, built);
    const ports = { ...built, ...createLoops(built), unlock };
    await bootstrapSelf(self, selfConfigPath(self, options.config), how, ports);
    if (stop.signal.aborted) return null;
  }
  const loaded = settingsOf(guarded(early ?? (await setup.loadForStart()), setup, wired.records));
  for (const fault of loaded.faults) wired.log.error(`${fault}; gitopper starts without it`);
  return loaded;
}

interface Given extends Pick<Life, "setup" | "listeners" | "notify" | "reloads"> {
  readonly loaded: Valid;
  readonly wired: Wired;
}

async function serve(given: Given, generation: Generation): Promise<Outcome> {
  const { setup, loaded, listeners, notify } = given;
  const { options, self, hosts } = setup;
  const { settings, accounts } = loaded;
  const gates = await gatesOf(settings);
  const built = build(given.wired, { ...settings, gates });
  const services = [...settings.services, ...(self ? [self] : [])];
  assertSelfAlone(settings, self);
  if (services.length === 0)
    built.log.warn(
      `no service of the config is for this host, which answers to ${hosts.join(", ")}${whoseServices(settings.machines)}`,
    );
  const { loops, departed } = await bootServices(services, { accounts, everyMs: options.everyMs }, built);
  built.mounted.on("mounted", (target) => enqueueInside(target, loops));
  built.fileWatch.onChange((service) => enqueueChanged(service, loops, built));
  const parts = { setup, loaded, loops, wakers: built };
  const createHost = composeHost(built, loops, { settings, names: hosts, self });
  const booted = { ...built, setup, loaded, loops, createHost };
  await listeners.replace((makeRoom) => openListeners(booted, listeners.routerForChanges, makeRoom));
  await notify.ready(`${services.length} service${services.length === 1 ? "" : "s"}`);
  // The start does not wait for that, and a stop does not either.
  const cleaned = removeDeparted(departed, services, built);
  const outcome = await runUntilStopped(parts, given, built, generation);
  if (outcome.is === "reload") await cleaned;
  return outcome;
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
  prepareGit(
    stateDir,
    services.map(({ upstream }) => upstream),
  );
  const ports = bootPorts(built);
  const departed = await unmountDeparted(services, ports);
  for (const { name, checkout, upstream, user } of services) {
    warnIfMoved(name, checkout, built);
    records.register(name, { checkout, store: storePath(stateDir, upstream, user), user });
  }
  const { createServices, createLoop } = createLoops(built);
  const groups = groupServices(services).map((group) => {
    const account = given.accounts.get(group.user);
    return { group, members: account ? createServices(group, account) : null };
  });
  const members = groups.flatMap((group) => group.members ?? []);
  await unlockStores(members, built);
  await unmountOrphans(members, ports);
  if (built.isStateLost) await adoptCheckouts(members, ports);
  await mountFromDisk(members, ports);
  const loops = groups.map((group) => createLoop(group.group, group.members, given.everyMs));
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
