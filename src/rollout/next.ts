/** The only writer of a service's state. */
import type { Commit } from "../model/commit.ts";
import type { Problem, ProblemPart } from "../model/problem.ts";
import {
  type Drifted,
  type Faulty,
  type Hold,
  hasFailed,
  holdOf,
  isReleased,
  type ServiceState,
  type Waiting,
  waitingOf,
} from "../model/state.ts";

/** What a person has decided, and when. An empty reason: none was given. */
interface Decided {
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/** What can happen to a service; an event that means nothing in a state leaves it as it is. */
export type StateEvent =
  /** The files, mounts and unit are those of `commit`; `drift` says what is not, empty when all is. */
  | ({
      readonly type: "settled";
      readonly commit: Commit;
      readonly waiting?: Waiting | null;
      /** The state of the service when its reconcile began. */
      readonly since?: ServiceState["name"];
    } & Drifted)
  /** A try towards `target` failed; null: it failed before a target was known. */
  | ({
      readonly type: "failed";
      readonly part: ProblemPart;
      readonly target: Commit | null;
      readonly waiting?: Waiting | null;
    } & Faulty)
  /** Its files are those of the newest commit as well. */
  | { readonly type: "moved" }
  /** Until an instant, or null: until an unfreeze. */
  | ({ readonly type: "freeze"; readonly until: Date | null } & Decided)
  | { readonly type: "unfreeze" }
  /** The time may have come for a freeze that has one. */
  | { readonly type: "freeze-expired"; readonly at: Date }
  | ({ readonly type: "rollback"; readonly to: Commit } & Decided)
  /** Its files are plain files from now on; only an unfreeze changes that. */
  | ({ readonly type: "release" } & Decided);

export const initialState: ServiceState = { name: "OK", drift: "" };

/** What a problem on the way to `target` means for a service. */
export function failedWith(
  { part, message: reason, code }: Pick<Problem, "part" | "message" | "code">,
  target: Commit | null,
): Extract<StateEvent, { type: "failed" }> {
  return { type: "failed", part, reason, code, target };
}

export function next(state: ServiceState, event: StateEvent): ServiceState {
  const hold = holdOf(state);
  if (isReleased(state) && event.type !== "unfreeze") return state;
  switch (event.type) {
    case "settled":
      return settled(state, event);
    case "failed":
      return failed(state, event);
    case "moved":
      return waitingOf(state) === null ? state : withWaiting(state, null);
    case "freeze":
      return freeze(state, event);
    case "unfreeze":
      return hold === null ? state : letGo(state);
    case "freeze-expired":
      return hold?.until && hold.until <= event.at ? letGo(state) : state;
    case "rollback": {
      const { to: commit, by, reason, at } = event;
      const since = hold?.since ?? at;
      return same(state, {
        name: "ROLLBACK",
        hold: { kind: "rollback", commit, by, reason, since, until: null },
      });
    }
    case "release": {
      const { by, reason, at: since } = event;
      return {
        name: "FREEZE",
        hold: { kind: "release", commit: null, by, reason, since, until: null },
        drift: "",
      };
    }
  }
}

function settled(
  state: ServiceState,
  { commit, drift, code, waiting, since }: Extract<StateEvent, { type: "settled" }>,
): ServiceState {
  const hold = holdOf(state);
  // A rollback brings back the files of its commit, which a look that knew nothing of it has left as they were.
  if (state.name === "ROLLBACK" && since !== undefined && since !== "ROLLBACK") return state;
  const drifted = { drift, ...(code !== undefined && { code }) };
  if (hold === null) return same(state, withWaiting({ name: "OK", ...drifted }, waiting));
  return isFor(hold, commit) ? same(state, { name: "FREEZE", hold, ...drifted }) : state;
}

function failed(state: ServiceState, event: Extract<StateEvent, { type: "failed" }>): ServiceState {
  const hold = holdOf(state);
  // A try that was under way when a person decided on another commit says nothing about that one.
  if (hold !== null && event.target !== null && !isFor(hold, event.target)) return state;
  const name = event.part === "git" ? "DIFF" : "BROKEN";
  const { reason, code } = event;
  return same(state, withWaiting({ name, reason, code, hold }, hold === null ? event.waiting : null));
}

/** Who freezes what is held already gives it a new reason and time; without either it stays as it is. */
function freeze(state: ServiceState, event: Extract<StateEvent, { type: "freeze" }>): ServiceState {
  const { by, reason, until, at } = event;
  if (!("hold" in state) || state.hold === null) {
    const hold: Hold = { kind: "freeze", commit: null, by, reason, since: at, until };
    // What is broken stays so: it is no better for being held.
    if (hasFailed(state)) return { name: state.name, reason: state.reason, code: state.code, hold };
    return { name: "FREEZE", hold, drift: "" };
  }
  if (reason === "" && until === null) return state;
  // A rollback that is under way stays one, and what is broken stays so until it settles.
  return same(state, { ...state, hold: { ...state.hold, by, reason, until } } as ServiceState);
}

/** It tracks its upstream again; what was broken stays so until the next reconcile. */
function letGo(state: ServiceState): ServiceState {
  return hasFailed(state) ? { ...state, hold: null } : initialState;
}

function withWaiting(state: ServiceState, waiting: Waiting | null | undefined): ServiceState {
  if (state.name === "FREEZE" || state.name === "ROLLBACK") return state;
  const { waiting: _, ...rest } = state;
  return waiting ? { ...rest, waiting } : rest;
}

function isFor(hold: Hold, commit: Commit): boolean {
  return hold.commit === null || hold.commit === commit;
}

/** Keeps the old object when nothing is new, so that "changed" is a comparison of references. */
function same(before: ServiceState, after: ServiceState): ServiceState {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}
