/** Joins the real parts: the only place that knows all of them. */
import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Aside } from "../control/aside.ts";
import { createQuickLooks } from "../git/fetch/quick-look.ts";
import { backgroundPace, createGit, type GitPlace } from "../git/git.ts";
import type { Damage } from "../git/store/damage.ts";
import { AuditTrail } from "../history/audit-trail.ts";
import { BadCommits } from "../history/bad-commits.ts";
import { EventLog } from "../history/event-log.ts";
import { HostsBefore } from "../history/host-before.ts";
import { Journal } from "../history/journal.ts";
import type { StateFile } from "../history/state-file.ts";
import { TokenFile } from "../history/token-file.ts";
import { createGroupFinder } from "../host/accounts.ts";
import { UnitWatch } from "../host/bus/watch-units.ts";
import { openMountFile } from "../host/mounts/mount-file.ts";
import { createMounter } from "../host/mounts/mounter.ts";
import { type MountTable, readMountTable } from "../host/mounts/mounts.ts";
import { packageManagers } from "../host/packages.ts";
import { announcing, createUnitFilesReload } from "../host/systemd/units.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import type { Event } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import { storeMaxBytesDefault } from "../model/service.ts";
import { reasonOf } from "../model/state.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { createLimit, FairSemaphore, type FairSemaphoreSettings } from "../platform/fair-semaphore.ts";
import { gitConfigPath, setAsideIn, templateDir } from "../platform/files/state-paths.ts";
import type { Log } from "../platform/log.ts";
import { exec as plainExec } from "../platform/process/exec.ts";
import type { Context } from "../reconcile/context.ts";
import { lineOf, logEvent } from "../reconcile/log-events.ts";
import { Records } from "../reconcile/records.ts";
import { createJitter, machineId } from "../sync/jitter.ts";
import { Timers } from "../wake/timers.ts";
import { UnitMonitor } from "../wake/unit-monitor.ts";
import { FileWatch } from "../wake/watch-files.ts";
import { openState } from "./open-state.ts";

export interface Wired {
  readonly context: Context;
  readonly aside: Aside;
  readonly metrics: Metrics;
  readonly stateFile: StateFile;
  /** Nothing is known of services that were here before. */
  readonly isStateLost: boolean;
  readonly eventLog: EventLog;
  readonly tokenFile: TokenFile;
  readonly auditTrail: AuditTrail;
  readonly startedAt: Date;
  readonly timers: Timers;
  readonly mounted: EventEmitter<{ mounted: [AbsPath] }>;
  readonly fileWatch: FileWatch;
  readonly unitMonitor: UnitMonitor;
}

// Some of them work while others wait for the disk.
const files: FairSemaphoreSettings = { slots: 2 * (availableParallelism() + 1), yieldAfterMs: 2_000 };
// What takes longer waits for something, and keeps no other service waiting: a unit that hangs, a check that sleeps.
const verbs: FairSemaphoreSettings = { slots: 8, yieldAfterMs: 3_000 };
const checks: FairSemaphoreSettings = { slots: availableParallelism(), yieldAfterMs: 2_000 };
const probes: FairSemaphoreSettings = { slots: 8, yieldAfterMs: 2_000 };

/** What a daemon has for as long as it runs, whatever its config becomes. */
export interface Lasting extends Pick<Wired, "metrics" | "stateFile" | "isStateLost" | "startedAt"> {
  readonly stateDir: AbsPath;
  readonly log: Log;
  readonly mountTable: () => MountTable;
}

/** @throws Error when the state file cannot be had: another gitopper runs, or its disk is full */
export function openLasting(stateDir: AbsPath, log: Log): Lasting {
  const startedAt = systemClock.now();
  const { file: stateFile, isLost: isStateLost } = openState(stateDir, log, startedAt);
  const metrics = createMetrics(() => setAsideIn(stateDir).length);
  const mountTable = createMountTableReader();
  return { stateDir, log, metrics, stateFile, isStateLost, startedAt, mountTable };
}

/** The parts of a daemon with one config. All of them end with `stopping`. */
export function wire(lasting: Lasting, stopping: AbortSignal): Wired {
  const { stateDir, log, metrics, stateFile, isStateLost, startedAt } = lasting;
  const timers = new Timers();
  const publish = (event: Event) => {
    metrics.observe(event);
    logEvent(event, log);
    timers.onEvent(event);
    if (event.type === "progress") eventLog.announce(event.progress);
  };
  const clock = systemClock;
  const eventLog = new EventLog(stateFile);
  const watch: UnitWatch = new UnitWatch({ exec: plainExec, clock, log });
  const exec = announcing(plainExec, (unit) => watch.forget(unit));
  const storeOf = new Map<AbsPath, AbsPath>();
  const gitSettings = {
    exec,
    ownerOf: (place: GitPlace) =>
      "store" in place ? place.store : (storeOf.get(place.checkout) ?? place.checkout),
    globalConfig: gitConfigPath(stateDir),
    onRun: (ok: boolean) => publish({ type: "git-ran", ok }),
  };
  const damage = new EventEmitter<{ damage: [GitPlace, Damage] }>().setMaxListeners(0);
  const git = createGit({ ...gitSettings, onDamage: (place, what) => damage.emit("damage", place, what) });
  const mounted = new EventEmitter<{ mounted: [AbsPath] }>();
  const fileWatch = new FileWatch({ clock, log, stopping });
  const records = new Records(
    { journal: new Journal(stateFile), badCommits: new BadCommits(stateFile) },
    { publish, keep: (event) => keepEvent(event, eventLog, clock) },
    clock,
  );
  const unitMonitor = new UnitMonitor({ watch, records, clock, log, publish, stopping });
  const aside = new Aside();
  const context: Context = {
    files: fileWatch,
    exec,
    git,
    onDamage: (listener) => void damage.on("damage", listener),
    readOnlyGit: createGit({ ...gitSettings, pace: backgroundPace }),
    countWith: (checkout, store) => void storeOf.set(checkout, store),
    storeTools: {
      git,
      exec,
      template: templateDir(stateDir),
      quickLook: createQuickLooks(process.env),
    },
    clock,
    log,
    records,
    hostsBefore: new HostsBefore(stateFile),
    observeUnit: watch.observe,
    findGroup: createGroupFinder(exec),
    unitChanges: (unit, signal) => watch.nextChange(unit, signal),
    units: unitMonitor,
    mountTable: lasting.mountTable,
    mounter: createMounter(exec),
    mounting: createLimit(1),
    aside,
    reloadUnitFiles: createUnitFilesReload(exec),
    fileSlots: new FairSemaphore(files),
    unitSlots: new FairSemaphore(verbs),
    checkSlots: new FairSemaphore(checks),
    probeSlots: new FairSemaphore(probes),
    onMounted: (target) => mounted.emit("mounted", target),
    // Known when the config has been read.
    services: [],
    gates: [],
    packageManager: packageManagers.find(({ program }) => existsSync(program)) ?? null,
    publish,
    stateDir,
    jitter: createJitter(machineId()),
    // Until the config has been read.
    storeMaxBytes: storeMaxBytesDefault,
    // Each reconcile has its own.
    superseded: new AbortController().signal,
    stopping,
  };
  const memory = { tokenFile: new TokenFile(stateFile), auditTrail: new AuditTrail(stateFile) };
  return {
    context,
    aside,
    metrics,
    stateFile,
    isStateLost,
    eventLog,
    ...memory,
    timers,
    startedAt,
    mounted,
    fileWatch,
    unitMonitor,
  };
}

function keepEvent(event: Event, log: EventLog, clock: Clock): void {
  const line = lineOf(event);
  if (line === null || !("service" in event || "status" in event || "deployment" in event)) return;
  if (event.type === "unit-seen" || event.type === "progress-ended") return;
  const { service, text } = line;
  const status = event.type === "state-changed" ? event.status : null;
  const commit = event.type === "deployment-ended" ? event.deployment.to : (status?.commit ?? null);
  const [state, reason] = status ? [status.state.name, reasonOf(status.state)] : [null, null];
  log.append({ at: clock.now(), type: event.type, service, text, commit, state, reason });
}

/** Reads again when the kernel says that something has changed. */
function createMountTableReader(): () => MountTable {
  const file = openMountFile();
  let table: MountTable | null = null;
  return () => {
    if (file.hasChanged()) table = null;
    table ??= readMountTable();
    return table;
  };
}
