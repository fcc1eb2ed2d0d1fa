/** Cron expressions of five fields in a time zone. Import it lazily: it loads a parser. */
import { Cron } from "croner";

/** The times that an expression names, as croner finds them; each is a whole minute. */
export interface Times {
  /** The first one after the instant; null: there is none. */
  after(at: Date): Date | null;
  /** The last one that is not after the instant; null: there is none. */
  upTo(at: Date): Date | null;
}

/**
 * Reads crontab(5) with `L`, `W` and `#`. A time that the clocks skip is when they have skipped it; one that comes
 * twice is the first of the two. Each costs 83 KB (croner keeps a flag for each of 10,000 years): keep few of them.
 * @throws Error on a fault in the expression or the zone
 */
export function parseCron(expression: string, timezone: string): Times {
  // Croner's `?` means "the time of the start", `+` turns the meaning of the days around, and `@…` has no fields.
  if (!/^[\w*,/#-]+( +[\w*,/#-]+){4}$/.test(expression)) throw new Error("it has to have five fields");
  // Any other zone loads ICU, 10 MB.
  const zone = timezone === "UTC" ? { utcOffset: 0 } : { timezone };
  const cron = new Cron(expression, { ...zone, mode: "5-part" });
  return {
    after: (at) => cron.nextRun(at),
    // Croner looks strictly before, in whole seconds.
    upTo: (at) => cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1_000) * 1_000 + 1_000))[0] ?? null,
  };
}
