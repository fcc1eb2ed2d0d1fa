/** Monitors units between deployments: requests a reconcile when a unit fails, recovers or drifts, and judges it there. */
import type { UnitWatch } from "../host/bus/watch-units.ts";
import type { Publish } from "../model/event.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Drifted } from "../model/state.ts";
import type { UnitSeen } from "../model/unit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { AtEnd, UnitPort } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";
import { logBug } from "../reconcile/to-problem.ts";
import { noDrift } from "../rollout/drift.ts";
import {
  type CrashHistory,
  isRunning,
  judgeUnit,
  nextCrashHistory,
  stableInMs,
  takesVerb,
  type Verdict,
} from "../rollout/unit/unit.ts";

interface Tools {
  readonly watch: UnitWatch;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
  readonly publish: Publish;
  readonly stopping: AbortSignal;
}

interface MonitoredUnit {
  readonly service: Service;
  crashes: CrashHistory | null;
  editedAt: Date | null;
  /** What the service's state has of it, or is about to have. */
  told: Verdict;
  active: boolean | null;
  /** systemd has the unit, and the configured verbs work on it; null: unknown. */
  able: boolean | null;
  /** Ends the wait for its stability window. */
  waits: AbortController | null;
}

const well: Verdict = { problem: null, ...noDrift };
/** systemd starts it, and stops everything else, before it ends: systemd.special(7). */
const shutdown = "shutdown.target";

function isSame(a: Verdict, b: Verdict): boolean {
  return a.problem?.reason === b.problem?.reason && a.drift === b.drift;
}

export class UnitMonitor implements UnitPort {
  readonly #hands: Tools;
  readonly #monitored = new Map<string, MonitoredUnit>();
  #enqueue: (service: string) => void = () => {};

  constructor(tools: Tools) {
    this.#hands = tools;
    tools.watch.onChange((unit) => void this.#consider(unit));
  }

  /** Runs until the daemon stops. `enqueue` requests a reconcile. */
  async run(services: readonly Service[], enqueue: (service: string) => void): Promise<void> {
    this.#enqueue = enqueue;
    const told = services.filter(({ action }) => action !== null);
    for (const service of told) this.#monitoredOf(service);
    const probed = told.flatMap(({ health }) =>
      health.probes.flatMap((probe) => (probe.kind === "unit" ? [probe.unit] : [])),
    );
    await this.#hands.watch.run([...told.map(({ name }) => name), ...probed], this.#hands.stopping);
  }

  /**
   * The drift of a unit that has nothing more to be told; none too where systemd is left alone.
   * @throws Problem when it is dead, or has just been
   */
  async judge(service: Service, { touched, deployed, editedAt }: AtEnd): Promise<Drifted> {
    if (service.action === null) return noDrift;
    const unit = await this.#hands.watch.observe(service.name);
    const monitored = this.#monitoredOf(service);
    // What happened on the way is the deployment's own business.
    if (touched) monitored.crashes = null;
    monitored.editedAt = editedAt;
    this.#remember(service.name, unit, deployed);
    const verdict = await this.#verdictOn(monitored, unit);
    monitored.told = verdict;
    const { problem, ...drift } = verdict;
    if (problem !== null) throw new Problem("host", problem.reason, { code: problem.code });
    return drift;
  }

  /** The last answer of systemd, without asking it again. Null: there is none, or the config leaves systemd alone. */
  lastSeen({ name, action }: Service): UnitSeen | null {
    return action === null ? null : this.#hands.watch.lastSeen(name);
  }

  /** The host is shutting down; asks systemd. @throws Problem */
  async hostStops(): Promise<boolean> {
    const { active, queued } = await this.#hands.watch.observe(shutdown);
    return queued || active !== "inactive";
  }

  #monitoredOf(service: Service): MonitoredUnit {
    const known = this.#monitored.get(service.name);
    if (known !== undefined) return known;
    const monitored: MonitoredUnit = {
      ...{ service, crashes: null, editedAt: null, told: well, active: null, able: null, waits: null },
    };
    this.#monitored.set(service.name, monitored);
    return monitored;
  }

  /** A unit that an administrator disabled before a deployment stays disabled after it. */
  #remember(service: string, { file }: UnitSeen, deployed: boolean): void {
    const enabled = file === "enabled";
    if (enabled || deployed) this.#hands.records.enabled(service, enabled);
  }

  /** What stops because the host does has neither died nor drifted: all stays as it was. */
  async #verdictOn(monitored: MonitoredUnit, unit: UnitSeen): Promise<Verdict> {
    const verdict = this.#look(monitored, unit);
    if (isSame(verdict, well) || isSame(verdict, monitored.told)) return verdict;
    return (await this.hostStops()) ? monitored.told : verdict;
  }

  #look(monitored: MonitoredUnit, unit: UnitSeen): Verdict {
    const { clock, records, publish } = this.#hands;
    const { service, editedAt } = monitored;
    const nowMs = clock.monotonicMs();
    monitored.crashes = nextCrashHistory(monitored.crashes, unit, nowMs);
    const active = isRunning(unit);
    if (active !== monitored.active) publish({ type: "unit-seen", service: service.name, active });
    monitored.active = active;
    this.#waitForStability(monitored, stableInMs(monitored.crashes, nowMs));
    const { enabled: wasEnabled } = records.get(service.name);
    return judgeUnit(service, unit, { crashes: monitored.crashes, wasEnabled, editedAt });
  }

  #waitForStability(monitored: MonitoredUnit, inMs: number | null): void {
    monitored.waits?.abort();
    monitored.waits = null;
    if (inMs === null) return;
    const waits = new AbortController();
    monitored.waits = waits;
    const { clock, stopping } = this.#hands;
    const signal = AbortSignal.any([waits.signal, stopping]);
    void clock.sleep(inMs, signal).then(() => {
      if (!signal.aborted) void this.#consider(monitored.service.name);
    });
  }

  async #consider(unit: string): Promise<void> {
    const monitored = this.#monitored.get(unit);
    if (monitored === undefined || this.#hands.stopping.aborted) return;
    try {
      await this.#compare(monitored);
    } catch (error) {
      // If systemd does not answer, the next reconcile reports it.
      if (!(error instanceof Problem)) logBug(error, this.#hands.log);
    }
  }

  async #compare(monitored: MonitoredUnit): Promise<void> {
    const { watch, records } = this.#hands;
    const unit = monitored.service.name;
    const seen = await watch.observe(unit);
    const before = monitored.able;
    monitored.able = takesVerb(monitored.service, seen);
    const last = records.last(unit);
    // What kept the unit from its new files has gone.
    if (before === false && monitored.able && last?.failedAt === "unit") return this.#enqueue(unit);
    const verdict = await this.#verdictOn(monitored, seen);
    if (isSame(verdict, monitored.told)) return;
    // A running deployment observes the unit itself; a failed one is retried at the next poll or drift scan.
    if (last?.result !== "done") return;
    monitored.told = verdict;
    this.#enqueue(unit);
  }
}
