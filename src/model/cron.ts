/** Cron expressions of five fields in a time zone. Import it lazily: it loads a parser. */
import { Cron } from "croner";

/** The times of an expression, as croner finds them; whole minutes. */
export interface Times {
  /** The first time after the instant; null: none. */
  after(at: Date): Date | null;
  /** The last time up to the instant; null: none. */
  upTo(at: Date): Date | null;
}

/**
 * Parses crontab(5) with `L`, `W` and `#`. A time that the clocks skip falls on the moment after; of one that occurs
 * twice the first counts. Each costs 83 KB (croner keeps a flag for each of 10,000 years): keep few of them.
 * @throws Error on a fault in the expression or the zone
 */
export function parseCron(expression: string, timezone: string): Times {
  // In croner `?` means "the start time", `+` changes how days combine, and `@…` has no fields.
  if (!/^[\w*,/#-]+( +[\w*,/#-]+){4}$/.test(expression)) throw new Error("it has to have five fields");
  // Any other zone loads ICU, 10 MB.
  const zone = timezone === "UTC" ? { utcOffset: 0 } : { timezone };
  const cron = new Cron(expression, { ...zone, mode: "5-part" });
  return {
    after: (at) => cron.nextRun(at),
    // Croner searches strictly before, in whole seconds.
    upTo: (at) => cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1_000) * 1_000 + 1_000))[0] ?? null,
  };
}
