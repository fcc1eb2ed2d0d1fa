/** Monitors units between deployments: requests a reconcile when a unit fails, recovers or drifts, and judges it there. */
import type { UnitWatch } from "../host/bus/watch-units.ts";
import type { Publish } from "../model/event.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Drifted } from "../model/state.ts";
import type { UnitSeen } from "../model/unit.ts";
import type { Life } from "../platform/life.ts";
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

interface Ports extends Life {
  readonly watch: UnitWatch;
  readonly records: Records;
  readonly publish: Publish;
}

interface MonitoredUnit {
  readonly service: Service;
  crashes: CrashHistory | null;
  editedAt: Date | null;
  /** The verdict in the service's state, or the one that a requested reconcile will put there. */
  reported: Verdict;
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
  readonly #ports: Ports;
  readonly #monitored = new Map<string, MonitoredUnit>();
  #enqueue: (service: string) => void = () => {};

  constructor(ports: Ports) {
    this.#ports = ports;
    ports.watch.onChange((unit) => void this.#consider(unit));
  }

  /** Runs until the daemon stops. `enqueue` requests a reconcile. */
  async run(services: readonly Service[], enqueue: (service: string) => void): Promise<void> {
    this.#enqueue = enqueue;
    const withUnits = services.filter(({ action }) => action !== null);
    for (const service of withUnits) this.#monitoredOf(service);
    const probed = withUnits.flatMap(({ health }) =>
      health.probes.flatMap((probe) => (probe.kind === "unit" ? [probe.unit] : [])),
    );
    await this.#ports.watch.run([...withUnits.map(({ name }) => name), ...probed], this.#ports.stopping);
  }

  /**
   * The drift of a unit whose last verb is done; none where the config leaves systemd alone.
   * @throws Problem when the unit is dead, or was a moment ago
   */
  async judge(service: Service, { touched, deployed, editedAt }: AtEnd): Promise<Drifted> {
    if (service.action === null) return noDrift;
    const unit = await this.#ports.watch.observe(service.name);
    const monitored = this.#monitoredOf(service);
    // The deployment itself reports crashes that happened during it.
    if (touched) monitored.crashes = null;
    monitored.editedAt = editedAt;
    this.#rememberEnabled(service.name, unit, deployed);
    const verdict = await this.#verdictOn(monitored, unit);
    monitored.reported = verdict;
    const { problem, ...drift } = verdict;
    if (problem !== null) throw new Problem("host", problem.reason, { code: problem.code });
    return drift;
  }

  /** The last answer of systemd, without another call. Null: there is none, or the config leaves systemd alone. */
  lastSeen({ name, action }: Service): UnitSeen | null {
    return action === null ? null : this.#ports.watch.lastSeen(name);
  }

  /** Asks systemd whether the host is shutting down. @throws Problem */
  async hostStops(): Promise<boolean> {
    const { active, queued } = await this.#ports.watch.observe(shutdown);
    return queued || active !== "inactive";
  }

  #monitoredOf(service: Service): MonitoredUnit {
    const monitored = this.#monitored.get(service.name) ?? {
      ...{ service, crashes: null, editedAt: null, reported: well, active: null, able: null, waits: null },
    };
    this.#monitored.set(service.name, monitored);
    return monitored;
  }

  /** A unit that an administrator disabled before a deployment stays disabled after it. */
  #rememberEnabled(service: string, { file }: UnitSeen, deployed: boolean): void {
    const enabled = file === "enabled";
    if (enabled || deployed) this.#ports.records.enabled(service, enabled);
  }

  /** A unit that stops because the host shuts down has neither died nor drifted: the verdict stays as it was. */
  async #verdictOn(monitored: MonitoredUnit, unit: UnitSeen): Promise<Verdict> {
    const verdict = this.#judgeNow(monitored, unit);
    if (isSame(verdict, well) || isSame(verdict, monitored.reported)) return verdict;
    return (await this.hostStops()) ? monitored.reported : verdict;
  }

  #judgeNow(monitored: MonitoredUnit, unit: UnitSeen): Verdict {
    const { clock, records, publish } = this.#ports;
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
    const { clock, stopping } = this.#ports;
    const signal = AbortSignal.any([waits.signal, stopping]);
    void clock.sleep(inMs, signal).then(() => {
      if (!signal.aborted) void this.#consider(monitored.service.name);
    });
  }

  async #consider(unit: string): Promise<void> {
    const monitored = this.#monitored.get(unit);
    if (monitored === undefined || this.#ports.stopping.aborted) return;
    try {
      await this.#compare(monitored);
    } catch (error) {
      // If systemd does not answer, the next reconcile reports it.
      if (!(error instanceof Problem)) logBug(error, this.#ports.log);
    }
  }

  async #compare(monitored: MonitoredUnit): Promise<void> {
    const { watch, records } = this.#ports;
    const unit = monitored.service.name;
    const seen = await watch.observe(unit);
    const before = monitored.able;
    monitored.able = takesVerb(monitored.service, seen);
    const { commit, phase } = records.get(unit);
    // The verb works now, so the unit can get its new files.
    const lacksFiles = phase.at === "published" && phase.result === "failed";
    if (before === false && monitored.able && lacksFiles) return this.#enqueue(unit);
    const verdict = await this.#verdictOn(monitored, seen);
    if (isSame(verdict, monitored.reported)) return;
    // A running deployment observes the unit itself; a failed one is retried at the next poll or drift scan.
    if (phase.at !== "verified" || commit === null) return;
    monitored.reported = verdict;
    this.#enqueue(unit);
  }
}
