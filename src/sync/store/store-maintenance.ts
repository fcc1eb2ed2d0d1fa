/** Packs a store that many fetches have filled, keeps it below its size, and makes it partial where upstream allows that. Runs in the background, and delays nothing. */
import { basename } from "node:path";
import { servesSingleFiles } from "../../git/fetch/server-abilities.ts";
import type { Git } from "../../git/git.ts";
import { countPacks, measureStore, packStore, packsMax } from "../../git/store/pack-store.ts";
import { kindOf } from "../../git/store/store-config.ts";
import type { Store } from "../../git/types.ts";
import type { Publish } from "../../model/event.ts";
import type { Life } from "../../platform/life.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { toProblem } from "../../reconcile/to-problem.ts";

const dayMs = 24 * 60 * 60_000;

export interface MaintenancePorts extends Life {
  readonly readOnlyGit: Git;
  readonly exec: Exec;
  readonly publish: Publish;
  readonly storeMaxBytes: number;
}

type Rebuild = (store: Store) => Promise<void>;

export class StoreMaintenance {
  readonly #ports: MaintenancePorts;
  #running: Promise<void> | null = null;
  #stop = new AbortController();
  #measuredAtMs = Number.NEGATIVE_INFINITY;
  #rebuiltAtMs = Number.NEGATIVE_INFINITY;
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  /** With this host's git it cannot be partial. */
  #staysWhole = false;

  constructor(ports: MaintenancePorts) {
    this.#ports = ports;
  }

  /** Starts what has to be done, and does not wait for it. */
  begin(store: Store, rebuild: Rebuild): void {
    const { clock, log, stopping } = this.#ports;
    if (this.#running !== null || stopping.aborted) return;
    const isFull = countPacks(store) > packsMax;
    if (!isFull && clock.monotonicMs() - this.#measuredAtMs < dayMs) return;
    this.#stop = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, stopping]);
    this.#running = this.#maintain(store, rebuild, isFull, signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          log.warn(`cannot maintain ${store.path}: ${toProblem(error, "git", log).message}`);
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Resolves when it does not run any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** `isFull`: the store has too many packs. */
  async #maintain(store: Store, rebuild: Rebuild, isFull: boolean, signal: AbortSignal): Promise<void> {
    const { readOnlyGit, clock, storeMaxBytes } = this.#ports;
    const nowMs = clock.monotonicMs();
    await this.#makePartial(store, rebuild, signal);
    if (isFull) await packStore(store, readOnlyGit, signal);
    let bytes = await this.#measure(store);
    if (bytes > storeMaxBytes && !isFull) {
      await packStore(store, readOnlyGit, signal);
      bytes = await this.#measure(store);
    }
    if (bytes <= storeMaxBytes || nowMs - this.#rebuiltAtMs < dayMs) return this.#warn(store, bytes);
    this.#rebuiltAtMs = nowMs;
    await rebuild(store);
    this.#warn(store, await this.#measure(store));
  }

  /** Upstream may have become able to leave files out since the store was made. */
  async #makePartial(store: Store, rebuild: Rebuild, signal: AbortSignal): Promise<void> {
    const { readOnlyGit, log } = this.#ports;
    if (this.#staysWhole || kindOf(store) === "partial") return;
    if (!(await servesSingleFiles(store, readOnlyGit, { signal }))) return;
    await rebuild(store);
    this.#staysWhole = kindOf(store) === "whole";
    if (!this.#staysWhole) log.info(`${store.path} has only the files that are needed from now on`);
  }

  async #measure(store: Store): Promise<number> {
    const { exec, clock, publish, storeMaxBytes } = this.#ports;
    const bytes = await measureStore(store, exec);
    this.#measuredAtMs = clock.monotonicMs();
    publish({ type: "store-measured", store: basename(store.path), bytes, maxBytes: storeMaxBytes });
    return bytes;
  }

  /** Once a day. */
  #warn(store: Store, bytes: number): void {
    const { clock, log, storeMaxBytes } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (bytes <= storeMaxBytes || nowMs - this.#warnedAtMs < dayMs) return;
    this.#warnedAtMs = nowMs;
    const size = `${toMb(bytes)} MB, more than the ${toMb(storeMaxBytes)} MB of store_limit`;
    log.warn(`${store.path} has ${size}, with nothing in it that is not needed; raise the limit`);
  }
}

const toMb = (bytes: number) => Math.ceil(bytes / 1e6);
