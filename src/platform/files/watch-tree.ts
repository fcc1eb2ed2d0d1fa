/** Reports changes in the directories of a tree, through one inotify watch each, never following symlinks. */
import { type FSWatcher, statSync, watch } from "node:fs";
import { createYieldToEventLoop, inBatches, type YieldToEventLoop } from "../yield-to-event-loop.ts";
import { HeldDirectory, partsOf } from "./held-directory.ts";
import { codeOf, hasCode } from "./write-whole.ts";

/** A directory of the tree; `deep`: with everything below it. */
export interface Watched {
  readonly path: string;
  readonly deep: boolean;
}

/** Why part of the tree is not watched; null: all of it is. */
export type Shortfall =
  | { readonly why: "too many" }
  | { readonly why: "refused"; readonly code: string }
  | null;

interface Ports {
  readonly onChange: () => void;
  /** The limit for this tree. */
  readonly max: number;
  /** How many watches are left; several trees may share one budget. */
  readonly allowance: { left: number };
  readonly watch?: typeof watch;
}

const entriesMax = 100_000;
const depthMax = 64;

/**
 * Each watch fires once and is removed, so that a program that writes all the time wakes the daemon only once per
 * `cover`, which restores the watch. Content, names, modes and owners count.
 */
export class TreeWatch {
  readonly #ports: Ports;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Everything that `cover` found is still watched, so no entry can have changed unnoticed. */
  #whole = false;
  /** The path to the tree may lead elsewhere now. */
  #top: string | null = null;
  #shortfall: Shortfall = null;
  /** A change was reported since the last `cover` began. */
  #reported = false;
  #closed = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Watches everything that exists now; later changes are reported. */
  async cover(
    top: string,
    wanted: readonly Watched[],
    yieldToEventLoop = createYieldToEventLoop(),
  ): Promise<Shortfall> {
    if (this.#whole && keyOf(top) === this.#top) return this.#shortfall;
    this.#top = keyOf(top);
    this.#reported = false;
    const round: Round = { found: new Set(), entries: 0, shortfall: null, yieldToEventLoop };
    let there = wanted.length > 0;
    for (const { path, deep } of wanted) {
      using directory = HeldDirectory.below(top, path);
      if (directory === null) there &&= partsOf(path).length > 0;
      else await this.#cover(directory, deep ? depthMax : 0, round);
    }
    for (const key of this.#watchers.keys()) if (!round.found.has(key)) this.#drop(key);
    this.#shortfall = round.shortfall;
    this.#whole = there && !this.#reported && round.shortfall?.why !== "refused";
    return this.#shortfall;
  }

  /** The number of watched directories. */
  get size(): number {
    return this.#watchers.size;
  }

  close(): void {
    this.#closed = true;
    for (const key of [...this.#watchers.keys()]) this.#drop(key);
  }

  async #cover(directory: HeldDirectory, depth: number, round: Round): Promise<void> {
    if (!this.#add(directory, round) || depth === 0) return;
    for await (const batch of inBatches(directory.entries(), round.yieldToEventLoop)) {
      round.entries += batch.length;
      if (round.entries > entriesMax) round.shortfall ??= { why: "too many" };
      for (const { name } of batch.filter(({ entry }) => entry.isDirectory())) {
        if (round.shortfall !== null) return;
        using inner = directory.enter(name);
        if (inner !== null) await this.#cover(inner, depth - 1, round);
      }
      if (round.shortfall !== null) return;
    }
  }

  /** False: the limit is reached. */
  #add(directory: HeldDirectory, round: Round): boolean {
    if (this.#closed) return false;
    const { dev, ino } = directory.stats();
    const key = `${dev}:${ino}`;
    round.found.add(key);
    if (this.#watchers.has(key)) return true;
    const { max, allowance } = this.#ports;
    if (this.#watchers.size >= max || allowance.left <= 0) round.shortfall ??= { why: "too many" };
    if (round.shortfall !== null) return false;
    try {
      this.#watchers.set(key, this.#watch(directory, key));
      allowance.left -= 1;
      return true;
    } catch (error) {
      // Removed meanwhile.
      if (hasCode(error, "ENOENT", "ENOTDIR")) return true;
      round.shortfall = { why: "refused", code: codeOf(error) ?? String(error) };
      return false;
    }
  }

  #watch(directory: HeldDirectory, key: string): FSWatcher {
    const reported = () => {
      this.#reported = true;
      this.#drop(key);
      this.#ports.onChange();
    };
    // The kernel watches the directory itself, so the descriptor need not stay open.
    const watcher = (this.#ports.watch ?? watch)(directory.path, { persistent: false });
    return watcher.on("change", reported).on("error", reported);
  }

  #drop(key: string): void {
    const watcher = this.#watchers.get(key);
    if (watcher === undefined) return;
    this.#watchers.delete(key);
    this.#whole = false;
    this.#ports.allowance.left += 1;
    watcher.close();
  }
}

function keyOf(top: string): string | null {
  const seen = statSync(top, { throwIfNoEntry: false });
  return seen === undefined ? null : `${seen.dev}:${seen.ino}`;
}

interface Round {
  readonly found: Set<string>;
  entries: number;
  shortfall: Shortfall;
  readonly yieldToEventLoop: YieldToEventLoop;
}
