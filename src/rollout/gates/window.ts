/** Maintenance windows as a gate. Pure. Import it only where there are windows: it loads a parser of cron. */
import { parseCron, type Times } from "../../model/cron.ts";
import { concerns, type Window } from "../../model/window.ts";
import type { Gate, Permission } from "./gate.ts";

const searchedMs = 366 * 86_400_000;
/** Bounds the work for windows that follow each other without end: about 0.2 s. */
const questionsMax = 4_000;
/** Bounds the memory: each has 83 KB, which would be garbage after each question if none were kept. */
const parsedMax = 16;

/** Expressions that have been parsed, by themselves and their zone. */
type Parsed = Map<string, Times>;

/** The gate of a config's windows; services that it does not name, such as gitopper's own, are let through. */
export function createWindowGate(windows: readonly Window[], services: readonly string[]): Gate {
  const known = new Set(services);
  const parsed: Parsed = new Map();
  return {
    ask: (service, now) => (known.has(service) ? windowAt(windows, service, now, parsed) : { open: true }),
  };
}

/**
 * Open, or when that will be: searched up to a year ahead. Deny wins over allow; where a window allows, it is
 * closed outside of all that do. `opensAt` may be early, never late, when the windows are too many to look through.
 */
export function windowAt(
  windows: readonly Window[],
  service: string,
  now: Date,
  parsed: Parsed = new Map(),
): Permission {
  const { deny = [], allow = [] } = Object.groupBy(
    windows.filter((window) => concerns(window, service)),
    ({ kind }) => kind,
  );
  const ask = createAsking(parsed);
  const denying = deny.find((window) => closesAt(window, now, ask) !== null);
  let at = now;
  while (!ask.tired()) {
    const next = closedUntil({ deny, allow }, at, ask);
    if (next === at) break;
    if (next === null || next.getTime() - now.getTime() > searchedMs) return closed(null, denying);
    at = next;
  }
  return at === now && !ask.tired() ? { open: true } : closed(at, denying);
}

function closed(opensAt: Date | null, denying: Window | undefined): Permission {
  const why = denying?.name ? `a window (${JSON.stringify(denying.name)} denies)` : "a window";
  return { open: false, opensAt, why };
}

/** The same instant when it is open, else one that is worth asking about next; null: it never opens. */
function closedUntil(
  { deny, allow }: Readonly<Record<Window["kind"], readonly Window[]>>,
  at: Date,
  ask: Asking,
): Date | null {
  for (const window of deny) {
    const end = closesAt(window, at, ask);
    if (end !== null) return end;
  }
  if (allow.length === 0 || allow.some((window) => closesAt(window, at, ask) !== null)) return at;
  const starts = allow.flatMap((window) => ask.about(window).after(at) ?? []);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map((start) => start.getTime())));
}

/** When the window that is on at the instant ends, as far as its last beginning says; null: it is not on. */
function closesAt(window: Window, at: Date, ask: Asking): Date | null {
  const begun = ask.about(window).upTo(at);
  if (begun === null) return null;
  const end = new Date(begun.getTime() + window.durationMs);
  return at < end ? end : null;
}

type Asking = ReturnType<typeof createAsking>;

function createAsking(parsed: Parsed) {
  let questions = 0;
  return {
    /** The search has to end here. */
    tired: () => questions > questionsMax,
    about({ start, timezone }: Window): Times {
      questions += 1;
      const key = `${timezone} ${start}`;
      const known = parsed.get(key);
      if (known !== undefined) return known;
      if (parsed.size >= parsedMax) parsed.clear();
      const times = parseCron(start, timezone);
      parsed.set(key, times);
      return times;
    },
  };
}
