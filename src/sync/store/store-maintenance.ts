/** Packs a store that many fetches have filled, keeps it below its size, and has it partial where upstream allows that; beside everything else, and never in its way. */
import { basename } from "node:path";
import { servesSingleFiles } from "../../git/fetch/server-abilities.ts";
import { countPacks, measureStore, packStore, packsMax } from "../../git/store/pack-store.ts";
import { kindOf } from "../../git/store/store-config.ts";
import type { Store } from "../../git/types.ts";
import type { Context } from "../../reconcile/context.ts";
import { toProblem } from "../../reconcile/to-problem.ts";

const dayMs = 24 * 60 * 60_000;

export class StoreMaintenance {
  readonly #context: Context;
  readonly #renew: (store: Store) => Promise<void>;
  #under: Promise<void> | null = null;
  #stop = new AbortController();
  #measuredAtMs = Number.NEGATIVE_INFINITY;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  /** With this host's git it cannot be partial. */
  #staysWhole = false;

  /** `renew` rebuilds the store. */
  constructor(renew: (store: Store) => Promise<void>, context: Context) {
    this.#renew = renew;
    this.#context = context;
  }

  /** Begins where there is something to do, and does not wait for it. */
  begin(store: Store): void {
    const { clock, log, stopping } = this.#context;
    if (this.#under !== null || stopping.aborted) return;
    const crowded = countPacks(store) > packsMax;
    if (!crowded && clock.monotonicMs() - this.#measuredAtMs < dayMs) return;
    this.#stop = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, stopping]);
    this.#under = this.#tidyUp(store, crowded, signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          log.warn(`cannot maintain ${store.path}: ${toProblem(error, "git", log).message}`);
      })
      .finally(() => {
        this.#under = null;
      });
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#under;
  }

  async #tidyUp(store: Store, crowded: boolean, signal: AbortSignal): Promise<void> {
    const { readOnlyGit, clock, storeMaxBytes } = this.#context;
    const nowMs = clock.monotonicMs();
    await this.#makePartial(store, signal);
    if (crowded) await packStore(store, readOnlyGit, signal);
    let bytes = await this.#measure(store);
    if (bytes > storeMaxBytes && !crowded) {
      await packStore(store, readOnlyGit, signal);
      bytes = await this.#measure(store);
    }
    if (bytes <= storeMaxBytes || nowMs - this.#renewedAtMs < dayMs) return this.#warn(store, bytes);
    this.#renewedAtMs = nowMs;
    await this.#renew(store);
    this.#warn(store, await this.#measure(store));
  }

  /** Its upstream may have learned to leave files out since the store was made. */
  async #makePartial(store: Store, signal: AbortSignal): Promise<void> {
    const { readOnlyGit, log } = this.#context;
    if (this.#staysWhole || kindOf(store) === "partial") return;
    if (!(await servesSingleFiles(store, readOnlyGit, { signal }))) return;
    await this.#renew(store);
    this.#staysWhole = kindOf(store) === "whole";
    if (!this.#staysWhole) log.info(`${store.path} has only the files that are needed from now on`);
  }

  async #measure(store: Store): Promise<number> {
    const { exec, clock, publish, storeMaxBytes } = this.#context;
    const bytes = await measureStore(store, exec);
    this.#measuredAtMs = clock.monotonicMs();
    publish({ type: "store-measured", store: basename(store.path), bytes, maxBytes: storeMaxBytes });
    return bytes;
  }

  /** Once a day. */
  #warn(store: Store, bytes: number): void {
    const { clock, log, storeMaxBytes } = this.#context;
    const nowMs = clock.monotonicMs();
    if (bytes <= storeMaxBytes || nowMs - this.#warnedAtMs < dayMs) return;
    this.#warnedAtMs = nowMs;
    const size = `${toMb(bytes)} MB, more than the ${toMb(storeMaxBytes)} MB of store_limit`;
    log.warn(`${store.path} has ${size}, with nothing in it that is not needed; raise the limit`);
  }
}

const toMb = (bytes: number) => Math.ceil(bytes / 1e6);
