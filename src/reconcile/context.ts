/** What every part of the daemon is given: the hands, the memory, and where things lie. */
import type { Git, GitPlace } from "../git/git.ts";
import type { Damage } from "../git/store/damage.ts";
import type { StoreTools } from "../git/store/store.ts";
import type { HostsBefore } from "../history/host-before.ts";
import type { MountTable } from "../host/mounts/mounts.ts";
import type { Mounter } from "../host/mounts/types.ts";
import type { PackageManager } from "../host/packages.ts";
import type { ObserveUnit, ReloadUnitFiles } from "../host/systemd/units.ts";
import type { Publish } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import type { Clock } from "../platform/clock.ts";
import type { FairSemaphore, Limit } from "../platform/fair-semaphore.ts";
import type { Log } from "../platform/log.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { Gate } from "../rollout/gates/gate.ts";
import type { AsidePort, FilePort, UnitPort } from "./ports.ts";
import type { Records } from "./records.ts";

export interface Context {
  readonly exec: Exec;
  readonly git: Git;
  /** What git says of damage anywhere. */
  readonly onDamage: (listener: (place: GitPlace, damage: Damage) => void) => void;
  /** For questions of the API, at background pace. */
  readonly readOnlyGit: Git;
  /** Tells git from whose share of its places the gits in this checkout come. */
  readonly countWith: (checkout: AbsPath, store: AbsPath) => void;
  readonly storeTools: StoreTools;
  readonly clock: Clock;
  readonly log: Log;
  readonly records: Records;
  readonly hostsBefore: HostsBefore;
  readonly observeUnit: ObserveUnit;
  /** Resolves when something of the unit may have changed, and on abort. */
  readonly unitChanges: (unit: string, signal: AbortSignal) => Promise<void>;
  /** What units do between deployments. */
  readonly units: UnitPort;
  /** The mount table; services that are observed at the same time share one read. */
  readonly mountTable: () => MountTable;
  readonly mounter: Mounter;
  /** Mounts one after another. */
  readonly mounting: Limit;
  /** systemctl daemon-reload. */
  readonly reloadUnitFiles: ReloadUnitFiles;
  /** Bound what services do at once: files, verbs of systemctl, checks, commands of probes. Each upstream has its share. */
  readonly fileSlots: FairSemaphore;
  readonly unitSlots: FairSemaphore;
  readonly checkSlots: FairSemaphore;
  readonly probeSlots: FairSemaphore;
  /** Hears of every new mount, which covers those inside it. */
  readonly onMounted: (target: AbsPath) => void;
  /** Services that are aside; they are not reconciled. */
  readonly aside: AsidePort;
  /** All of this host. */
  readonly services: readonly Service[];
  /** Asked before a new commit goes into a service. */
  readonly gates: readonly Gate[];
  /** Reports changes of a service's files. */
  readonly files: FilePort;
  /** The number of a group of this host; null where it has none of that name. */
  readonly findGroup: (name: string) => Promise<number | null>;
  readonly packageManager: PackageManager | null;
  /** Tells of what belongs to no service. */
  readonly publish: Publish;
  readonly stateDir: AbsPath;
  /** From 0 to 1: where this host stands among those with the same upstream. */
  readonly jitter: (upstream: string) => number;
  readonly storeMaxBytes: number;
  /** Aborted when the reconcile under way has become pointless; the step in hand is finished, and settling ends. */
  readonly superseded: AbortSignal;
  /** Aborted when the daemon is to stop; the step in hand is finished first. */
  readonly stopping: AbortSignal;
}
