/** Watches this host's name: a config names its services by it, and at a first boot it may be set after the start. */
import type { Loaded, Valid } from "./load-config.ts";
import type { Watching } from "./watch-config.ts";

/** The kernel reports no change of the host name. */
const readEveryMs = 10_000;

interface Ports extends Watching {
  /** The current names of the host. */
  readonly names: () => readonly string[];
}

/**
 * Resolves to the config when the host answers to other names than `current` and it can be used under them, to null
 * when stopped. A config that cannot is logged once for each new name, and the daemon goes on as it is.
 */
export async function watchHostname(
  current: readonly string[],
  load: () => Promise<Loaded>,
  { log, clock, signal, names }: Ports,
): Promise<Valid | null> {
  let known = current.join();
  for (;;) {
    await clock.sleep(readEveryMs, signal);
    if (signal.aborted) return null;
    const now = names();
    if (now.join() === known) continue;
    known = now.join();
    if (known === current.join()) continue;
    const loaded = await load().catch((error: unknown) => ({ ok: false as const, lines: [String(error)] }));
    const whose = `this host answers to ${now.join(", ")} now`;
    if (loaded.ok) {
      log.warn(`${whose}: gitopper takes up the services of these names`);
      return loaded;
    }
    for (const line of loaded.lines) log.error(line);
    log.error(`${whose}: gitopper goes on with those of ${current.join(", ")}`);
  }
}
