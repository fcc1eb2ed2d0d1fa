/** The state of a service; only `rollout/next.ts` changes it. */
import { type Commit, shortCommit } from "./commit.ts";
import type { DriftReason, StateReason } from "./reason/state-reason.ts";
import { renderInstant } from "./text/instant.ts";

export const holdKinds = ["freeze", "rollback", "release"] as const;
export type HoldKind = (typeof holdKinds)[number];

/** A hold: the service does not follow its upstream. */
export interface Hold {
  /** A rollback that was frozen again is still a rollback: it stays at its commit. A released service has no commit. */
  readonly kind: HoldKind;
  /** Held at this commit; null: at the commit that it had when it was frozen. */
  readonly commit: Commit | null;
  /** The person who decided last; empty: an older state file does not say. */
  readonly by: string;
  /** Empty: no reason was given. */
  readonly reason: string;
  /** Since when the service is held; later decisions about the hold do not change it. */
  readonly since: Date;
  /** When the hold ends by itself; null: never. */
  readonly until: Date | null;
}

/** A commit that came while a gate was closed. */
export interface Waiting {
  readonly commit: Commit;
  /** When to check the gates again; null: they do not open within a year. */
  readonly until: Date | null;
  /** What it waits for, such as `a window`. */
  readonly why: string;
}

/** In a tracking state; absent: no commit waits. */
interface MayWait {
  readonly waiting?: Waiting;
}

/** What differs from commit and config without breaking anything. */
export interface Drifted {
  /** For people; empty: nothing. */
  readonly drift: string;
  /** Absent: nothing has drifted, or an older state file does not say. */
  readonly code?: DriftReason;
}

/** Why the service is broken. */
export interface Faulty {
  /** For people. */
  readonly reason: string;
  readonly code: StateReason;
}

/**
 * OK tracks upstream; FREEZE is held; ROLLBACK is on its way to a hold; BROKEN (the host failed) and DIFF (git failed)
 * are tried again at every reconcile, towards the hold if there is one.
 */
export type ServiceState =
  | ({ readonly name: "OK" } & Drifted & MayWait)
  | ({ readonly name: "FREEZE"; readonly hold: Hold } & Drifted)
  | { readonly name: "ROLLBACK"; readonly hold: Hold & { readonly commit: Commit } }
  | ({ readonly name: "BROKEN" | "DIFF"; readonly hold: Hold | null } & Faulty & MayWait);

export type StateName = ServiceState["name"];
export const stateNames = [
  "OK",
  "FREEZE",
  "ROLLBACK",
  "BROKEN",
  "DIFF",
] as const satisfies readonly StateName[];

/** The state as shown to others: a service that was never deployed is not OK, even while its commit waits. */
export function shownState(state: ServiceState, commit: Commit | null): ServiceState {
  if (state.name !== "OK" || commit !== null) return state;
  const { drift: _, code: __, ...rest } = state;
  return { ...rest, name: "DIFF", reason: "not deployed yet", code: "not-deployed-yet", hold: null };
}

const holdReasons = {
  freeze: "frozen",
  rollback: "held-at-commit",
  release: "released",
} as const satisfies Readonly<Record<HoldKind, StateReason>>;

/**
 * Why the state is as it is, as one code; null: all is well. Failures come before a hold, a hold before drift, drift
 * before a waiting commit; a waiting first deployment waits for its window.
 */
export function reasonOf(state: ServiceState): StateReason | null {
  const waits = waitingOf(state) === null ? null : "waiting-for-window";
  switch (state.name) {
    case "OK":
      return state.drift === "" ? waits : (state.code ?? "other");
    case "FREEZE":
    case "ROLLBACK":
      return holdReasons[state.hold.kind];
    default:
      return state.code === "not-deployed-yet" ? (waits ?? state.code) : state.code;
  }
}

/** Whether the host or git failed; the next reconcile tries again. */
export function hasFailed(state: ServiceState): state is Extract<ServiceState, Faulty> {
  return state.name === "BROKEN" || state.name === "DIFF";
}

/** The hold of a state; null: the service tracks its upstream. */
export function holdOf(state: ServiceState): Hold | null {
  return "hold" in state ? state.hold : null;
}

/** Its files are plain files of the host, and gitopper leaves it alone until it is unfrozen. */
export function isReleased(state: ServiceState): boolean {
  return holdOf(state)?.kind === "release";
}

/** The waiting commit; null: none. */
export function waitingOf(state: ServiceState): Waiting | null {
  return "waiting" in state ? (state.waiting ?? null) : null;
}

/** The state's info for people: reason, since when, what waits, and drift. */
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
export function renderHold({ kind, commit, by, reason, since, until }: Hold): string {
  const who = by ? `by ${by}` : "";
  const till = until === null ? "" : `until ${renderInstant(until)}`;
  const when = [who, till].filter(Boolean).join(" ");
  const whole = [when, reason].filter(Boolean).join(": ");
  if (kind === "freeze") return whole;
  if (kind === "release") return renderRelease(whole, since);
  return reason || till ? `ROLLBACK: ${commit} (${whole})` : `ROLLBACK: ${commit}`;
}

function renderRelease(whole: string, since: Date): string {
  const what = `released ${whole}`.trimEnd();
  return `${what}; its files are plain files since ${renderInstant(since)}; take it out of the config, or unfreeze it to manage it again`;
}

function renderWaiting({ commit, until, why }: Waiting): string {
  const when =
    until === null ? "will not be deployed within a year" : `will be deployed at ${renderInstant(until)}`;
  return `waiting for ${why}: ${shortCommit(commit)} ${when}`;
}

function join(...parts: readonly string[]): string {
  return parts.filter(Boolean).join("; ");
}

/** Whether an answer is current or may be some seconds old: callers that may only read cannot poll upstream at will. */
export type Freshness = "now" | "lately";
