/** Hears of changes of units as they happen, and knows what systemd would say of them without asking it again. */
import { EventEmitter } from "node:events";
import type { UnitSeen } from "../../model/unit.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { stampOfFiles } from "../systemd/unit-files.ts";
import { createUnitObserver, type ObserveUnit } from "../systemd/units.ts";
import { systemBusPath } from "./bus.ts";
import { listenToUnits, type UnitListener } from "./listen-to-units.ts";
import { unitPath } from "./unit-signals.ts";

/** What comes in a burst is asked about once. */
const gatherMs = 20;
/** Between two askings, however often a unit comes and goes. */
const askEveryMs = 500;
/** Symlinks that somebody makes or removes by hand are announced by nobody. */
const countsForMs = 10 * 60_000;
const withoutSignalsMs = 1_000;

interface Watched {
  readonly name: string;
  path: string;
  /** How often it has changed; what was asked before a change does not count after it. */
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
  #listener: UnitListener | null = null;
  #telling = false;
  #stopping: AbortSignal = AbortSignal.abort();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#ask = createUnitObserver(parts.exec);
  }

  /** What systemd says of a unit, without asking it where nothing can have changed. @throws Problem */
  readonly observe: ObserveUnit = (unit) => {
    const watched = this.#units.find(({ name }) => name === unit);
    if (watched === undefined) return this.#ask(unit);
    const counting = this.#counting(watched);
    if (counting !== null) return Promise.resolve(counting);
    // Those whose answers have grown old with it share the process.
    if (this.#isOld(watched))
      for (const other of this.#units) if (this.#isOld(other)) this.#refresh(other).catch(() => {});
    return this.#refresh(watched);
  };

  /** What was last seen of it, which may be old; null: nothing yet. */
  lastSeen(unit: string): UnitSeen | null {
    return this.#units.find(({ name }) => name === unit)?.last ?? null;
  }

  /** Hears the name of a watched unit when it may have changed, and has been asked about. */
  onChange(onUnit: (unit: string) => void): void {
    this.#changed.on("changed", onUnit);
  }

  /** Resolves when the unit may have changed; where no signals are heard, after a second; and on abort. */
  async nextChange(unit: string, signal: AbortSignal): Promise<void> {
    if (this.#listener === null || !this.#units.some(({ name }) => name === unit))
      return this.#parts.clock.sleep(withoutSignalsMs, signal);
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onUnit = (changed: string) => changed === unit && resolve();
    const stop = () => resolve();
    this.#changed.on("changed", onUnit);
    signal.addEventListener("abort", stop, { once: true });
    await promise;
    this.#changed.off("changed", onUnit);
    signal.removeEventListener("abort", stop);
  }

  /** What was seen of a unit, or of any, does not count any more: we have changed something ourselves. */
  forget(unit: string | null): void {
    for (const watched of this.#units) if (unit === null || watched.name === unit) touch(watched);
  }

  /** Watches until told to stop. */
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
      onListening: (listener) => {
        this.#listener = listener;
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
    else if (this.#listener !== null && watched.changes === changes) {
      const untilMs = this.#parts.clock.monotonicMs() + countsForMs;
      watched.counting = { seen, untilMs, stamp: stampOfFiles(seen.files) };
    }
    return seen;
  }

  /** Its signals come under its own name, not under an alias. What has happened until they come is asked for. */
  async #follow(watched: Watched, path: string): Promise<void> {
    watched.path = path;
    if (await this.#listener?.add(path)) this.#onUnitsChanged([watched]);
  }

  #onUnitsChanged(units: readonly Watched[]): void {
    for (const watched of units) {
      touch(watched);
      this.#dirty.add(watched);
    }
    if (!this.#telling) void this.#tell();
  }

  async #tell(): Promise<void> {
    const { clock } = this.#parts;
    this.#telling = true;
    while (this.#dirty.size > 0 && !this.#stopping.aborted) {
      await clock.sleep(gatherMs, this.#stopping);
      const asked = [...this.#dirty];
      this.#dirty.clear();
      await Promise.allSettled(asked.map((watched) => this.#refresh(watched)));
      for (const { name } of asked) this.#changed.emit("changed", name);
      await clock.sleep(askEveryMs, this.#stopping);
    }
    this.#telling = false;
  }
}

function touch(watched: Watched): void {
  watched.changes += 1;
  watched.counting = null;
}
