/** Whether drift is put right now. Pure. */
import type { RepoPath } from "../model/path.ts";
import type { Drift } from "../model/service.ts";
import { type Finding, isHealable, reasonFor, renderDrift } from "./drift.ts";

export interface Circumstances {
  /** How often the service was healed in the last hour. */
  readonly healsInHour: number;
  /** A person has frozen the service. */
  readonly held: boolean;
  /** This reconcile has healed it already: later drift is left to the next reconcile. */
  readonly healed: boolean;
}

export interface Heal {
  /** Steps are due. */
  readonly due: boolean;
  /** What is put right, for the history; empty when nothing is. */
  readonly reason: string;
  /** What stays as it is, for people; empty when nothing does. */
  readonly drift: string;
  /** Where something is put right; `.` for anywhere. */
  readonly places: readonly RepoPath[];
}

/** Lost mounts are no business of this: they are put back whatever the mode, and as often as it takes. */
export function planHeal(findings: readonly Finding[], settings: Drift, circumstances: Circumstances): Heal {
  const drift = renderDrift(findings);
  const leave = (why: string): Heal => ({
    due: false,
    reason: "",
    places: [],
    drift: why ? `${drift} (${why})` : drift,
  });
  const brake = findings.some(isHealable) ? brakeOn(settings, circumstances) : "";
  if (brake !== null) return leave(brake);
  // A heal saves what it removes, and of these there is no list.
  if (findings.some(({ kind }) => kind === "flood"))
    return leave("not healed: too many files to save; move them away");
  const healed = findings.filter(isHealable);
  const places = healed.map((finding) => ("path" in finding ? finding.path : ".") as RepoPath);
  return { due: true, reason: reasonFor(findings), places, drift: "" };
}

/** Why nothing is healed now; empty: for a reason that people need not know; null: it is healed. */
export function brakeOn(
  { mode, healsPerHour }: Drift,
  { healsInHour, held, healed }: Circumstances,
): string | null {
  if (mode === "report") return "";
  if (held) return "not healed: frozen";
  const heals = healsInHour === 1 ? "1 heal" : `${healsInHour} heals`;
  if (healsInHour >= healsPerHour) return `not healed: ${heals} in the last hour`;
  return healed ? "" : null;
}
