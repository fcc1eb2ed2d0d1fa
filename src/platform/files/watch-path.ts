/** Reports that what a path leads to may have changed: the file, or any symlink or directory on the way. */
import { type FSWatcher, readlinkSync, statSync, watch } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../../model/text/error-message.ts";
import { endingWith } from "../abort.ts";
import type { Clock } from "../clock.ts";
import { hasCode, resultOr } from "./write-whole.ts";

/** An editor writes in several steps, which count as one change. */
const settleMs = 200;
/** For changes without inotify events: mounts, network file systems, and directories that cannot be watched. */
const checkEveryMs = 30_000;

interface Ports {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A directory on the way cannot be watched; called once. */
  readonly onUnwatched: (directory: string, why: string) => void;
  readonly watch?: typeof watch;
}

export class PathWatch {
  readonly #path: string;
  readonly #ports: Ports;
  #changed = Promise.withResolvers<void>();
  #watchers: FSWatcher[] = [];
  #stamp = "";
  #hasReportedUnwatched = false;

  constructor(path: string, ports: Ports) {
    this.#path = path;
    this.#ports = ports;
    this.#cover();
  }

  /** Resolves when there may have been a change since the last call, and on abort. */
  async next(): Promise<void> {
    const { clock, signal } = this.#ports;
    while (!signal.aborted) {
      using over = endingWith(signal);
      const slept = clock.sleep(checkEveryMs, over.signal).then(() => "time");
      const why = await Promise.race([this.#changed.promise.then(() => "event"), slept]);
      over.end();
      if (why === "event") await clock.sleep(settleMs, signal);
      else if (stampOf(this.#path) === this.#stamp) continue;
      // Before the caller reads the file: later changes count again.
      return this.#cover();
    }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #cover(): void {
    this.close();
    this.#changed = Promise.withResolvers();
    this.#stamp = stampOf(this.#path);
    const names = Map.groupBy(lookupsOf(this.#path), ({ directory }) => directory);
    for (const [directory, lookups] of names)
      this.#watch(directory, new Set(lookups.map(({ name }) => name)));
  }

  /** Watches the directory, because editors, git and `ln -sfn` replace files and symlinks by new ones. */
  #watch(directory: string, names: ReadonlySet<string>): void {
    const changed = this.#changed;
    try {
      const watcher = (this.#ports.watch ?? watch)(directory, { persistent: false }, (_, name) => {
        if (name === null || names.has(name)) changed.resolve();
      });
      this.#watchers.push(watcher.on("error", (error) => this.#reportUnwatched(directory, error)));
    } catch (error) {
      // It may be created later, which its parent's watch reports.
      if (!hasCode(error, "ENOENT", "ENOTDIR")) this.#reportUnwatched(directory, error);
    }
  }

  #reportUnwatched(directory: string, error: unknown): void {
    if (this.#hasReportedUnwatched) return;
    this.#hasReportedUnwatched = true;
    this.#ports.onUnwatched(directory, messageOf(error));
  }
}

/** Changes with the file that the path leads to, and with its content. */
export function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EIO", "ESTALE") ? "none" : String(error);
  }
}

/** `name` is looked up in `directory`, a path without symlinks. */
interface Lookup {
  readonly directory: string;
  readonly name: string;
}

/** As many symlinks as the kernel follows, each with a path of some length. */
const lookupsMax = 400;

/** The kernel's name lookups for a path, through every symlink: it leads elsewhere only after one of them has changed. */
function lookupsOf(path: string): Lookup[] {
  const found: Lookup[] = [];
  let left = partsOf(resolve(path));
  let directory = "/";
  while (left.length > 0 && found.length < lookupsMax) {
    const [name = ".", ...rest] = left;
    left = rest;
    if (name === "..") directory = dirname(directory);
    if (name === "." || name === "..") continue;
    found.push({ directory, name });
    const at = join(directory, name);
    // Null: not a symlink.
    const target = resultOr(null, ["EINVAL", "ENOENT", "ENOTDIR"], () => readlinkSync(at));
    if (target === null) directory = at;
    else if (target.startsWith("/")) directory = "/";
    if (target !== null) left = [...partsOf(target), ...left];
  }
  return found;
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}
