/** Watches units through systemd's signals, and caches what `systemctl show` says of them. */
import { EventEmitter, on } from "node:events";
import type { UnitSeen } from "../../model/unit.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { stampOfFiles } from "../systemd/unit-files.ts";
import { createUnitObserver, type ObserveUnit } from "../systemd/units.ts";
import { systemBusPath } from "./bus.ts";
import { type AddUnit, listenToUnits } from "./listen-to-units.ts";
import { unitPath } from "./unit-signals.ts";

/** Changes within this time are queried together. */
const gatherMs = 20;
/** The least time between two queries, however often a unit changes. */
const askEveryMs = 500;
/** systemd announces no symlinks that an admin makes or removes by hand. */
const countsForMs = 10 * 60_000;
const withoutSignalsMs = 1_000;

interface Watched {
  readonly name: string;
  path: string;
  /** The number of changes; an answer from before a change is stale. */
  changes: number;
  last: UnitSeen | null;
  counting: { readonly seen: UnitSeen; readonly untilMs: number; readonly stamp: string } | null;
}

interface Parts {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Log;
  readonly busPath?: string;
}

export class UnitWatch {
  readonly #parts: Parts;
  readonly #ask: ObserveUnit;
  readonly #changed = new EventEmitter<{ changed: [string] }>().setMaxListeners(0);
  readonly #dirty = new Set<Watched>();
  #units: readonly Watched[] = [];
  /** Null: no signals arrive. */
  #addUnit: AddUnit | null = null;
  #isNotifying = false;
  #stopping: AbortSignal = AbortSignal.abort();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#ask = createUnitObserver(parts.exec);
  }

  /** What systemd says of a unit; queries only when it may have changed. @throws Problem */
  readonly observe: ObserveUnit = (unit) => {
    const watched = this.#units.find(({ name }) => name === unit);
    if (watched === undefined) return this.#ask(unit);
    const counting = this.#counting(watched);
    if (counting !== null) return Promise.resolve(counting);
    // Units whose answers are stale too share the process.
    if (this.#isOld(watched))
      for (const other of this.#units) if (this.#isOld(other)) this.#refresh(other).catch(() => {});
    return this.#refresh(watched);
  };

  /** The last answer, which may be stale; null: none yet. */
  lastSeen(unit: string): UnitSeen | null {
    return this.#units.find(({ name }) => name === unit)?.last ?? null;
  }

  /** Calls back with a watched unit's name after a possible change, when its new state is known. */
  onChange(onUnit: (unit: string) => void): void {
    this.#changed.on("changed", onUnit);
  }

  /** Resolves when the unit may have changed; without signals after a second; and on abort. */
  async nextChange(unit: string, signal: AbortSignal): Promise<void> {
    if (this.#addUnit === null || !this.#units.some(({ name }) => name === unit))
      return this.#parts.clock.sleep(withoutSignalsMs, signal);
    try {
      for await (const [changed] of on(this.#changed, "changed", { signal })) if (changed === unit) return;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Marks the answers for a unit, or for all, as stale, because the daemon has changed something itself. */
  forget(unit: string | null): void {
    for (const watched of this.#units) if (unit === null || watched.name === unit) touch(watched);
  }

  /** Watches until aborted. */
  async run(units: readonly string[], stopping: AbortSignal): Promise<void> {
    this.#units = [...new Set(units)].map((name) => ({
      ...{ name, path: unitPath(name), changes: 0, last: null, counting: null },
    }));
    this.#stopping = stopping;
    if (this.#units.length === 0) return;
    const { clock, log, busPath = systemBusPath } = this.#parts;
    await listenToUnits({
      ...{ clock, log, busPath, stopping },
      paths: () => this.#units.map(({ path }) => path),
      onListening: (add) => {
        this.#addUnit = add;
        this.#onUnitsChanged(this.#units);
      },
      onChange: (path) =>
        this.#onUnitsChanged(path === null ? this.#units : this.#units.filter((unit) => unit.path === path)),
    });
  }

  #counting(watched: Watched): UnitSeen | null {
    const { counting } = watched;
    if (counting === null || this.#isOld(watched)) return null;
    return stampOfFiles(counting.seen.files) === counting.stamp ? counting.seen : null;
  }

  #isOld({ counting }: Watched): boolean {
    return counting !== null && this.#parts.clock.monotonicMs() > counting.untilMs;
  }

  async #refresh(watched: Watched): Promise<UnitSeen> {
    const { changes } = watched;
    const seen = await this.#ask(watched.name);
    watched.last = seen;
    const path = unitPath(seen.id);
    if (path !== watched.path) void this.#follow(watched, path);
    else if (this.#addUnit !== null && watched.changes === changes) {
      const untilMs = this.#parts.clock.monotonicMs() + countsForMs;
      watched.counting = { seen, untilMs, stamp: stampOfFiles(seen.files) };
    }
    return seen;
  }

  /** Its signals have its own name, not an alias. Changes before the subscription are queried. */
  async #follow(watched: Watched, path: string): Promise<void> {
    watched.path = path;
    if (await this.#addUnit?.(path)) this.#onUnitsChanged([watched]);
  }

  #onUnitsChanged(units: readonly Watched[]): void {
    for (const watched of units) {
      touch(watched);
      this.#dirty.add(watched);
    }
    if (!this.#isNotifying) void this.#notify();
  }

  async #notify(): Promise<void> {
    const { clock } = this.#parts;
    this.#isNotifying = true;
    while (this.#dirty.size > 0 && !this.#stopping.aborted) {
      await clock.sleep(gatherMs, this.#stopping);
      const units = [...this.#dirty];
      this.#dirty.clear();
      await Promise.allSettled(units.map((watched) => this.#refresh(watched)));
      for (const { name } of units) this.#changed.emit("changed", name);
      await clock.sleep(askEveryMs, this.#stopping);
    }
    this.#isNotifying = false;
  }
}

function touch(watched: Watched): void {
  watched.changes += 1;
  watched.counting = null;
}
