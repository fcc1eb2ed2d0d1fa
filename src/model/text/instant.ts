/** Points in time, for people. */

/** To the minute: `2026-11-25 10:00 UTC`. */
export function renderInstant(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
