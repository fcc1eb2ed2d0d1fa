/** Watches the config file; answers with it when it has changed to something else that is valid. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { untilAborted } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Loaded } from "./load-config.ts";

/** An editor writes in several steps; they count as one change. */
const settleMs = 200;
/** Where the kernel does not tell of changes, and after a look that failed. */
const lookEveryMs = 30_000;

type Valid = Extract<Loaded, { ok: true }>;

interface Hands {
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Resolves to the config on a valid change of the text `current`, to null when stopped, and never rejects. A config that
 * is invalid or cannot be read is logged, and the old one goes on.
 */
export async function watchConfig(
  path: string,
  current: string,
  load: () => Promise<Loaded>,
  hands: Hands,
): Promise<Valid | null> {
  const { log, clock, signal } = hands;
  const stopped = untilAborted(signal);
  const changes = openChanges(path, hands);
  let known = current;
  try {
    // The first look is for a change between the reading of `current` and the watch.
    while (!signal.aborted) {
      const loaded = await Promise.race([tryLoad(load, log), stopped]);
      if (signal.aborted) return null;
      const seen = loaded === null ? known : seenOf(loaded);
      if (loaded?.ok && seen !== current) return loaded;
      if (loaded?.ok === false && seen !== known) tellInvalid(loaded.lines, log);
      known = seen;
      await (loaded === null ? clock.sleep(lookEveryMs, signal) : changes.next());
    }
    return null;
  } finally {
    changes.close();
  }
}

async function tryLoad(load: () => Promise<Loaded>, log: Log): Promise<Loaded | null> {
  try {
    return await load();
  } catch (error) {
    log.error({ err: error }, "cannot look at the config; the old one goes on");
    return null;
  }
}

function seenOf(loaded: Loaded): string {
  return loaded.ok ? loaded.text : loaded.lines.join("\n");
}

function tellInvalid(lines: readonly string[], log: Log): void {
  for (const line of lines) log.error(line);
  log.error("the changed config is not valid: the old one goes on");
}

interface Changes {
  /** Resolves when there was a change since the last call, when it is time for a look, or on abort. */
  readonly next: () => Promise<void>;
  readonly close: () => void;
}

function openChanges(path: string, { log, clock, signal }: Hands): Changes {
  let rung = Promise.withResolvers<void>();
  const ring = () => rung.resolve();
  let watcher: FSWatcher | null = null;
  const giveUp = (error: unknown) => {
    watcher?.close();
    watcher = null;
    const why = error instanceof Error ? error.message : String(error);
    log.warn(`cannot watch ${dirname(path)}: ${why}; the config is looked at every 30 s instead`);
    ring();
  };
  try {
    // The directory, not the file: editors and git replace files by new ones.
    watcher = watch(dirname(path), (_, name) => {
      if (name === null || name === basename(path)) ring();
    }).on("error", giveUp);
  } catch (error) {
    giveUp(error);
  }
  signal.addEventListener("abort", ring, { once: true });
  return {
    next: async () => {
      if (watcher === null) return clock.sleep(lookEveryMs, signal);
      await rung.promise;
      rung = Promise.withResolvers();
      await clock.sleep(settleMs, signal);
    },
    close: () => {
      signal.removeEventListener("abort", ring);
      watcher?.close();
    },
  };
}
