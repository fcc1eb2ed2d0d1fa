/** Keeps a connection to the bus for systemd's unit signals, as long as the daemon runs. */
import { messageOf } from "../../model/text/error-message.ts";
import type { Life } from "../../platform/life.ts";
import { type Bus, connectBus } from "./bus.ts";
import { generalMatches, readSignal, subscribe, unitMatch } from "./unit-signals.ts";

/** Subscribes to one more unit; false: the connection has ended. */
export type AddUnit = (path: string) => Promise<boolean>;

export interface Listening extends Life {
  readonly busPath: string;
  /** The D-Bus objects of the watched units. */
  readonly paths: () => readonly string[];
  /** Called when signals arrive from now on and earlier changes are unknown; null: signals have stopped. */
  readonly onListening: (add: AddUnit | null) => void;
  /** A unit has changed; null: any unit may have changed. */
  readonly onChange: (path: string | null) => void;
}

const firstRetryMs = 250;
const retryMaxMs = 60_000;
const setupMaxMs = 30_000;
/** A connection that lasted this long counts as good. */
const steadyMs = 10_000;
/** Shorter outages are not logged: the bus or systemd may be restarting. */
const loggedAfterFailures = 3;

/** Reconnects with backoff when the connection ends; without a bus it only retries. */
export async function listenToUnits(listening: Listening): Promise<void> {
  const { clock, log, stopping } = listening;
  for (let failures = 0; !stopping.aborted; ) {
    let sinceMs = Number.POSITIVE_INFINITY;
    const onBegun = (add: AddUnit) => {
      sinceMs = clock.monotonicMs();
      if (failures >= loggedAfterFailures) log.info("systemd's signals about units are heard again");
      listening.onListening(add);
    };
    const why = await listen(listening, onBegun).catch(messageOf);
    if (stopping.aborted) return;
    failures = clock.monotonicMs() - sinceMs > steadyMs ? 1 : failures + 1;
    if (failures === loggedAfterFailures)
      log.warn(`cannot hear from systemd what units do: ${why}; they are looked at once in an interval`);
    await clock.sleep(Math.min(firstRetryMs * 2 ** failures, retryMaxMs), stopping);
  }
}

/** Returns why the connection has ended. @throws Error when it could not be opened */
async function listen(listening: Listening, onBegun: (add: AddUnit) => void): Promise<string> {
  const setupLimit = new AbortController();
  const timer = setTimeout(() => setupLimit.abort(), setupMaxMs);
  try {
    const bus = await begin(listening, AbortSignal.any([setupLimit.signal, listening.stopping]));
    clearTimeout(timer);
    onBegun((path) =>
      bus.call(unitMatch(path)).then(
        () => true,
        () => false,
      ),
    );
    const why = await bus.ended;
    listening.onListening(null);
    return why;
  } finally {
    clearTimeout(timer);
    // Closes a half-open connection too.
    setupLimit.abort();
  }
}

async function begin({ busPath, paths, onChange }: Listening, signal: AbortSignal): Promise<Bus> {
  let systemd: string | null = null;
  const bus: Bus = await connectBus(
    busPath,
    (message) => {
      const change = readSignal(message, systemd);
      if (change?.of === "another-systemd") bus.close("systemd has restarted");
      else if (change !== null) onChange(change.of === "unit" ? change.path : null);
    },
    signal,
  );
  for (const match of generalMatches) await bus.call(match);
  systemd = (await bus.call(subscribe)).sender;
  await Promise.all(paths().map((path) => bus.call(unitMatch(path))));
  return bus;
}
