/** Parses the state of a service in the state file: JSON, with instants in RFC 3339 or in ms. */
import { parseCommit } from "../model/commit.ts";
import { readReason } from "../model/reason/state-reason.ts";
import {
  type Hold,
  hasFailed,
  holdKinds,
  type ServiceState,
  stateNames,
  type Waiting,
} from "../model/state.ts";

type Written = Readonly<Record<string, unknown>>;

/**
 * `changedAt` is since when a service is held, if an older gitopper did not record it.
 * @throws Error when the text is invalid
 */
export function readState(text: string, changedAt: Date): ServiceState {
  const state = JSON.parse(text) as ServiceState;
  if (!stateNames.includes(state.name)) throw damaged(text);
  try {
    // The order of keys matters: states are compared as JSON.
    const fields = Object.entries(withCode(state)).map(([key, value]) => [
      key,
      readField(key, value, changedAt),
    ]);
    return Object.fromEntries(fields) as ServiceState;
  } catch {
    throw damaged(text);
  }
}

/** An older gitopper wrote reasons without codes. */
function withCode(state: ServiceState): Written {
  if (!hasFailed(state)) return { ...state };
  const { name, reason, code, ...others } = state;
  return { name, reason, code, ...others };
}

function readField(key: string, value: unknown, changedAt: Date): unknown {
  if (key === "hold" && value !== null) return readHold(value as Written, changedAt);
  if (key === "code") return readReason(value);
  return key === "waiting" ? readWaiting(value as Written) : value;
}

/** A hold was once `{ commit, info }`, with an info that begins with ROLLBACK for a rollback. */
function readHold(written: Written, changedAt: Date): Hold {
  const old = typeof written.info === "string" && written.info.startsWith("ROLLBACK") ? "rollback" : "freeze";
  return {
    kind: holdKinds.find((kind) => kind === written.kind) ?? old,
    commit: parseCommit(written.commit),
    by: String(written.by ?? ""),
    reason: String(written.reason ?? ""),
    since: readInstant(written.since) ?? changedAt,
    until: readInstant(written.until),
  };
}

function readWaiting({ commit, until, why }: Written): Waiting {
  const known = parseCommit(commit);
  if (known === null) throw new Error("no commit");
  return { commit: known, until: readInstant(until), why: String(why) };
}

/** @throws Error when it is present and not an instant */
function readInstant(value: unknown): Date | null {
  if (value === undefined || value === null) return null;
  const at = new Date(value as string | number);
  if (Number.isNaN(at.getTime())) throw new Error("no instant");
  return at;
}

function damaged(text: string): Error {
  return new Error(`The state file is damaged: state ${text}`);
}
