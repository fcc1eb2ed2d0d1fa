/** Joins the real parts: the only place that knows all of them. */
import { EventEmitter } from "node:events";
import { Aside } from "../control/aside.ts";
import { createBundles } from "../git/fetch/bundle.ts";
import { createQuickLooks } from "../git/fetch/quick-look.ts";
import { backgroundPace, createGit } from "../git/git.ts";
import type { Damage } from "../git/store/damage.ts";
import type { GitPlace } from "../git/types.ts";
import { AuditTrail } from "../history/audit-trail.ts";
import { BadCommits } from "../history/bad-commits.ts";
import { EventLog } from "../history/event-log.ts";
import { HostsBefore } from "../history/host-before.ts";
import { Journal } from "../history/journal.ts";
import { TokenFile } from "../history/token-file.ts";
import { createGroupFinder } from "../host/accounts.ts";
import { UnitWatch } from "../host/bus/watch-units.ts";
import { openMountFile } from "../host/mounts/mount-watch.ts";
import { type MountTable, readMountTable } from "../host/mounts/mounts.ts";
import { announcing } from "../host/systemd/units.ts";
import { createMetrics } from "../metrics/metrics.ts";
import type { Event } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import { reasonOf } from "../model/state.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { createCollectAtRest } from "../platform/collect-at-rest.ts";
import { gitConfigPath, setAsideIn, templateDir } from "../platform/files/state-paths.ts";
import type { Log } from "../platform/log.ts";
import { type Exec, exec as plainExec } from "../platform/process/exec.ts";
import { lineOf, logEvent } from "../reconcile/log-events.ts";
import { Records } from "../reconcile/records.ts";
import { createJitter, machineId } from "../sync/jitter.ts";
import { Timers } from "../wake/timers.ts";
import { UnitMonitor } from "../wake/unit-monitor.ts";
import { FileWatch } from "../wake/watch-files.ts";
import { openState } from "./open-state.ts";

/** What a daemon has for as long as it runs, whatever its config becomes. */
export type Lasting = ReturnType<typeof openLasting>;

/** @throws Error when the state file cannot be had: another gitopper runs, or its disk is full */
export function openLasting(stateDir: AbsPath, log: Log) {
  const startedAt = systemClock.now();
  const { file: stateFile, isLost } = openState(stateDir, log, startedAt);
  return {
    ...{ stateDir, log, stateFile, startedAt },
    /** Nothing is known of services that were here before. */
    isStateLost: isLost,
    metrics: createMetrics(() => setAsideIn(stateDir).length),
    mountTable: createMountTableReader(),
    onWork: createCollectAtRest(),
  };
}

/** The parts of a daemon that do not depend on its config; `build` adds the rest. */
export type Wired = ReturnType<typeof wire>;

/** For one config; all of them end with `stopping`. */
export function wire(lasting: Lasting, stopping: AbortSignal) {
  const { stateDir, log, metrics, stateFile, onWork } = lasting;
  // The start is work as well.
  onWork();
  const clock = systemClock;
  const timers = new Timers();
  const eventLog = new EventLog(stateFile);
  const publish = (event: Event) => {
    metrics.observe(event);
    logEvent(event, log);
    timers.onEvent(event);
    if (event.type === "deployment-ended") onWork();
    if (event.type === "progress") eventLog.announce(event.progress);
  };
  const watch: UnitWatch = new UnitWatch({ exec: plainExec, clock, log });
  const exec = announcing(plainExec, (unit) => watch.forget(unit));
  const records = new Records(
    { journal: new Journal(stateFile), badCommits: new BadCommits(stateFile) },
    { publish, keep: (event) => keepEvent(event, eventLog, clock) },
    clock,
  );
  return {
    ...lasting,
    ...{ clock, stopping, publish, exec, records, timers, eventLog, watch },
    ...wireGit(exec, stateDir, (ok) => publish({ type: "git-ran", ok })),
    findGroup: createGroupFinder(exec),
    hostsBefore: new HostsBefore(stateFile),
    tokenFile: new TokenFile(stateFile),
    auditTrail: new AuditTrail(stateFile),
    /** Hears of every new mount, which covers those inside it. */
    mounted: new EventEmitter<{ mounted: [AbsPath] }>(),
    fileWatch: new FileWatch({ clock, log, stopping }),
    unitMonitor: new UnitMonitor({ watch, records, clock, log, publish, stopping }),
    /** Services that are aside; they are not reconciled. */
    aside: new Aside(),
    /** Services that are being released; they are not reconciled either. */
    releasing: new Set<string>(),
    /** From 0 to 1: where this host stands among those with the same upstream. */
    jitter: createJitter(machineId()),
  };
}

function wireGit(exec: Exec, stateDir: AbsPath, onRun: (ok: boolean) => void) {
  const settings = { exec, onRun, globalConfig: gitConfigPath(stateDir) };
  const damage = new EventEmitter<{ damage: [GitPlace, Damage] }>().setMaxListeners(0);
  const git = createGit({ ...settings, onDamage: (place, what) => damage.emit("damage", place, what) });
  return {
    git,
    /** For questions of the API, at background pace. */
    readOnlyGit: createGit({ ...settings, pace: backgroundPace }),
    storeTools: {
      git,
      exec,
      template: templateDir(stateDir),
      quickLook: createQuickLooks(process.env),
      bundles: createBundles(systemClock),
    },
    /** What git says of damage anywhere. */
    onDamage: (listener: (place: GitPlace, damage: Damage) => void) => void damage.on("damage", listener),
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
