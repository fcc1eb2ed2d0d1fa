/** The daemon's life: read, prepare, mount from disk, be ready, look and act until told to stop. */
import { storePath } from "../git/store.ts";
import type { ServiceRecord } from "../history/journal.ts";
import { MountWatch } from "../host/mount-watch.ts";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service, Settings } from "../model/service.ts";
import { untilAborted } from "../platform/abort.ts";
import { exec } from "../platform/exec.ts";
import type { Log } from "../platform/log.ts";
import { createNotify, type Notify } from "../platform/notify.ts";
import { renderRemoval } from "../rollout/removals.ts";
import { adoptCheckouts } from "./adopt.ts";
import { mountFromDisk, prepareGit, prepareStateDir, unlockStores, unmountStrays } from "./boot.ts";
import { removeDeparted, unmountDeparted } from "./departed.ts";
import { withGates } from "./gates.ts";
import { guardRemovals, presentIn, removalsBy } from "./guard-removals.ts";
import { hostNames, type Loaded } from "./load-config.ts";
import { openAllDoors, type Parts } from "./open-all-doors.ts";
import { markDamaged } from "./open-state.ts";
import type { Options } from "./options.ts";
import { nudgeBelow, nudgeChanged, nudgeInside, nudgeService, watchDrift } from "./oversee.ts";
import { enlist, groupServices } from "./recruit.ts";
import { bootstrapSelf, selfConfigPath } from "./self.ts";
import { prepare, type Setup, StartFailure, settingsOf } from "./setup.ts";
import { UpstreamLoop } from "./upstream-loop.ts";
import { watchConfig } from "./watch-config.ts";
import { watchHostname } from "./watch-hostname.ts";
import { type Wired, wire } from "./wire.ts";

/** Why the daemon ends; the exit status is 0 or 2. */
export type Ending = "stopped" | "restart";

/**
 * Runs until `stop` is aborted, or the config has changed under `--restart`.
 * @throws StartFailure
 */
export async function runDaemon(options: Options, log: Log, stop: AbortController): Promise<Ending> {
  const setup = prepare(options);
  // Without a bootstrap the config is judged before anything on the host is touched.
  const early = setup.self === null ? await setup.load() : null;
  if (early !== null) settingsOf(early);
  prepareStateDir(options.stateDir);
  const wired = wire(options.stateDir, log, stop.signal);
  const damaged = watchDamage(wired, log, stop);
  try {
    if (setup.self !== null && options.bootstrap !== null) {
      const asked = { account: setup.user, pull: options.bootstrap.pull };
      await bootstrapSelf(setup.self, selfConfigPath(setup.self, options.config), asked, wired.context);
      if (stop.signal.aborted) return "stopped";
    }
    const loaded = settingsOf(guarded(early ?? (await setup.load()), setup, wired.context));
    const { settings } = loaded;
    const context = { ...wired.context, services: settings.services };
    const ending = await serve(setup, loaded, await withGates({ ...wired, context }, settings), stop);
    return damaged() ? "restart" : ending;
  } finally {
    wired.stateFile.close();
  }
}

/** Ends the daemon when the state file turns out to be damaged: the next one sets it aside. */
function watchDamage({ stateFile, context }: Wired, log: Log, stop: AbortController): () => boolean {
  let seen = false;
  stateFile.onDamage = (why) => {
    if (seen) return;
    seen = true;
    log.error(`the state file is damaged (${why}): gitopper starts again with a new one`);
    markDamaged(context.stateDir);
    stop.abort();
  };
  return () => seen;
}

async function serve(
  setup: Setup,
  loaded: Extract<Loaded, { ok: true }>,
  wired: Wired,
  stop: AbortController,
): Promise<Ending> {
  const { options, self, hosts } = setup;
  const { context } = wired;
  const { settings } = loaded;
  const services = [...settings.services, ...(self ? [self] : [])];
  assertSelfAlone(settings, self);
  if (services.length === 0)
    context.log.warn(`no service of the config is for this host, which answers to ${hosts.join(", ")}`);
  const given = { accounts: loaded.accounts, everyMs: options.everyMs };
  const { loops, departed } = await bootServices(services, given, wired);
  wired.mounted.on("mounted", (target) => nudgeInside(target, loops));
  wired.fileWatch.onChange((service) => nudgeChanged(service, loops, context));
  const listeners = await openAllDoors({ setup, loaded, wired, loops });
  const notify = createNotify(exec, process.env);
  const beat = await announce(notify, services.length);
  // Nobody waits for that, and a stop does not either.
  void removeDeparted(departed, services, context);
  try {
    return await runUntilStopped({ setup, loaded, wired, loops }, stop);
  } finally {
    clearInterval(beat);
    await Promise.all([notify.stopping().catch(() => {}), ...listeners.map((listener) => listener.close())]);
  }
}

/** Looks and acts until told to stop, or until the config has changed. */
async function runUntilStopped(
  { setup, loaded, wired: { context, alarms, mounted }, loops }: Parts,
  stop: AbortController,
): Promise<Ending> {
  const { log, clock } = context;
  const { everyMs, restart } = setup.options;
  const mountWatch = new MountWatch(clock, (points) => nudgeBelow(points, loops));
  mounted.on("mounted", (target) => mountWatch.mounted(target));
  const runs = [
    // First: a freeze whose time has come is over before upstream is asked.
    alarms.run(loops, context),
    ...loops.map((loop) => loop.run()),
    watchDrift(loops, everyMs, context),
    mountWatch.run(stop.signal),
    context.units.run(
      loops.flatMap(({ group }) => group.services),
      (service) => nudgeService(service, loops),
    ),
  ];
  const load = async () => guarded(await setup.load(), setup, context);
  const watching = restart
    ? watchConfig(setup.configPath, loaded.text, load, { log, clock, signal: stop.signal })
    : Promise.resolve(null);
  const changed = watching.then((valid) => {
    if (valid === null) return false;
    stop.abort();
    for (const removal of removalsBy(valid, presentIn(context.ledger, setup.self?.name)))
      log.warn({ service: removal.service }, `the changed config ${renderRemoval(removal)}`);
    return true;
  });
  const names = () => hostNames(setup.options.hosts);
  const renamed = watchHostname(setup.hosts, load, { log, clock, signal: stop.signal, names }).then((is) => {
    if (is) stop.abort();
    return is;
  });
  await Promise.all([...runs, untilAborted(stop.signal)]);
  return (await changed) || (await renamed) ? "restart" : "stopped";
}

function guarded(loaded: Loaded, setup: Setup, { ledger }: Wired["context"]): Loaded {
  return guardRemovals(loaded, presentIn(ledger, setup.self?.name), setup);
}

/** @throws StartFailure */
function assertSelfAlone({ services }: Settings, self: Service | null): void {
  const rival = services.find(({ name, checkout }) => name === self?.name || checkout === self?.checkout);
  if (rival === undefined) return;
  throw new StartFailure([
    `Service "${rival.name}" of the config is gitopper's own when it is bootstrapped; take it out of the config`,
  ]);
}

/** Everything that needs no network, before systemd hears that we are ready. */
async function bootServices(
  services: readonly Service[],
  given: { readonly accounts: ReadonlyMap<string, Account>; readonly everyMs: number },
  { context, isStateLost }: Wired,
): Promise<{ readonly loops: UpstreamLoop[]; readonly departed: readonly ServiceRecord[] }> {
  prepareGit(
    context.stateDir,
    services.map(({ upstream }) => upstream),
  );
  const departed = await unmountDeparted(services, context);
  for (const { name, checkout, upstream, user } of services) {
    tellMoved(name, checkout, context);
    context.ledger.enrol(name, { checkout, store: storePath(context.stateDir, upstream, user), user });
  }
  const crews = groupServices(services).map((group) => {
    const account = given.accounts.get(group.user);
    return { group, members: account ? enlist(group, account, context) : null };
  });
  const members = crews.flatMap((crew) => crew.members ?? []);
  await unlockStores(members, context);
  await unmountStrays(members, context);
  if (isStateLost) await adoptCheckouts(members, context);
  await mountFromDisk(members, context);
  const loops = crews.map((crew) => new UpstreamLoop(crew.group, crew.members, given.everyMs, context));
  return { loops, departed };
}

function tellMoved(service: string, checkout: AbsPath, { ledger, log }: Wired["context"]): void {
  const before = ledger.records().find((record) => record.service === service)?.checkout;
  if (before === undefined || before === checkout) return;
  log.warn(
    { service },
    `the checkout is at ${checkout} from now on; remove the old one, ${before}, when you like`,
  );
}

/** READY for systemd, and the heartbeat that its watchdog wants. */
async function announce(notify: Notify, services: number): Promise<NodeJS.Timeout | undefined> {
  await notify.ready(`${services} service${services === 1 ? "" : "s"}`);
  if (notify.watchdogEveryMs === null) return undefined;
  return setInterval(() => void notify.watchdog().catch(() => {}), notify.watchdogEveryMs);
}
