/** What state a service is in; `rollout/next.ts` is the only writer. */
import { type Commit, shortCommit } from "./commit.ts";
import { renderInstant } from "./text/instant.ts";

/** A hold: the service does not follow its upstream. */
export interface Hold {
  /** A rollback that was frozen anew is still one: it stays at its commit. */
  readonly kind: "freeze" | "rollback";
  /** Kept at this commit; null: at whatever it had when it was frozen. */
  readonly commit: Commit | null;
  /** Who decided so last; empty where an older state file does not say. */
  readonly by: string;
  /** Empty: none was given. */
  readonly reason: string;
  /** Since when the service does not follow its upstream; later decisions about the hold leave it. */
  readonly since: Date;
  /** When it is let go by itself; null: never. */
  readonly until: Date | null;
}

/** A commit that has come while a gate was closed. */
export interface Waiting {
  readonly commit: Commit;
  /** When to ask the gates again; null: they do not open within a year. */
  readonly until: Date | null;
  /** What it waits for, such as `a window`. */
  readonly why: string;
}

/** In a state that tracks; absent: nothing waits. */
interface MayWait {
  readonly waiting?: Waiting;
}

/**
 * OK tracks; FREEZE is held; ROLLBACK is on its way to a hold; BROKEN (the host's part failed) and
 * DIFF (git's part failed) try again at every look, towards the hold if there is one.
 */
export type ServiceState =
  | ({ readonly name: "OK"; readonly drift: string } & MayWait)
  | { readonly name: "FREEZE"; readonly hold: Hold; readonly drift: string }
  | { readonly name: "ROLLBACK"; readonly hold: Hold & { readonly commit: Commit } }
  | ({ readonly name: "BROKEN"; readonly reason: string; readonly hold: Hold | null } & MayWait)
  | ({ readonly name: "DIFF"; readonly reason: string; readonly hold: Hold | null } & MayWait);

export type StateName = ServiceState["name"];
export const stateNames = [
  "OK",
  "FREEZE",
  "ROLLBACK",
  "BROKEN",
  "DIFF",
] as const satisfies readonly StateName[];

/** The state as others see it: a service that was never deployed is not OK, whatever it waits for. */
export function shownState(state: ServiceState, commit: Commit | null): ServiceState {
  if (state.name !== "OK" || commit !== null) return state;
  const { drift: _, ...rest } = state;
  return { ...rest, name: "DIFF", reason: "not deployed yet", hold: null };
}

/** The hold of a state, or null while the service tracks its upstream. */
export function holdOf(state: ServiceState): Hold | null {
  return "hold" in state ? state.hold : null;
}

/** The commit that waits to go in, or null. */
export function waitingOf(state: ServiceState): Waiting | null {
  return "waiting" in state ? (state.waiting ?? null) : null;
}

/** The state's info for people: why, since what, what waits, and what has drifted. */
export function infoOf(state: ServiceState): string {
  const hold = holdOf(state);
  const waiting = waitingOf(state);
  const held = hold === null ? "" : renderHold(hold);
  const waits = waiting === null ? "" : renderWaiting(waiting);
  switch (state.name) {
    case "OK":
      return join(waits, state.drift);
    case "FREEZE":
      return join(held, state.drift);
    case "ROLLBACK":
      return held;
    default:
      return join(held ? `${state.reason} (held, ${held})` : state.reason, waits);
  }
}

/** `by root until 2026-11-25 10:00 UTC: release week`, or `ROLLBACK: <commit> (by ci: bad release)`. */
export function renderHold({ kind, commit, by, reason, until }: Hold): string {
  const who = by ? `by ${by}` : "";
  const till = until === null ? "" : `until ${renderInstant(until)}`;
  const when = [who, till].filter(Boolean).join(" ");
  const whole = [when, reason].filter(Boolean).join(": ");
  if (kind === "freeze") return whole;
  return reason || till ? `ROLLBACK: ${commit} (${whole})` : `ROLLBACK: ${commit}`;
}

function renderWaiting({ commit, until, why }: Waiting): string {
  const when = until === null ? "is not let in within a year" : `goes in at ${renderInstant(until)}`;
  return `waiting for ${why}: ${shortCommit(commit)} ${when}`;
}

function join(...parts: readonly string[]): string {
  return parts.filter(Boolean).join("; ");
}
