/** Watches the config file; resolves to the config when it has changed and is valid. */
import type { watch } from "node:fs";
import { untilAborted } from "../../platform/abort.ts";
import { PathWatch } from "../../platform/files/watch-path.ts";
import type { Life } from "../../platform/life.ts";
import type { Log } from "../../platform/log.ts";
import type { Loaded, Valid } from "./load-config.ts";

/** After a read that failed. */
const retryMs = 30_000;

/** What a watch waits with, and where it logs. */
export interface Watching extends Pick<Life, "log" | "clock"> {
  readonly signal: AbortSignal;
}

interface Ports extends Watching {
  readonly watch?: typeof watch;
}

/**
 * Resolves to the config on a valid change of the text `current`, to null when stopped, and never rejects. A config that
 * is invalid or cannot be read is logged, and the old one goes on.
 */
export async function watchConfig(
  path: string,
  current: string,
  load: () => Promise<Loaded>,
  ports: Ports,
): Promise<Valid | null> {
  const { log, clock, signal } = ports;
  const stopped = untilAborted(signal);
  const onUnwatched = (directory: string, why: string) =>
    log.warn(`cannot watch ${directory}: ${why}; the config is looked at every 30 s instead`);
  const changes = new PathWatch(path, { ...ports, onUnwatched });
  let known = current;
  try {
    // The first read finds a change between the reading of `current` and the watch.
    while (!signal.aborted) {
      const loaded = await Promise.race([tryLoad(load, log), stopped]);
      if (signal.aborted) return null;
      const seen = loaded === null ? known : seenOf(loaded);
      if (loaded?.ok && seen !== current) return loaded;
      if (loaded?.ok === false && seen !== known) logInvalid(loaded.lines, log);
      known = seen;
      await (loaded === null ? clock.sleep(retryMs, signal) : changes.next());
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

function logInvalid(lines: readonly string[], log: Log): void {
  for (const line of lines) log.error(line);
  log.error("the changed config is not valid: the old one goes on");
}
