/** May a commit go in now? Pure. A gate knows nothing of git or mounts. */

import type { Commit } from "../../model/commit.ts";
import { type ServiceState, waitingOf } from "../../model/state.ts";

/** `opensAt`: when to ask again; null: not within a year. `why` follows "waiting for", such as `a window`. */
export type Permission =
  | { readonly open: true }
  | { readonly open: false; readonly opensAt: Date | null; readonly why: string };

/** Decides whether a commit may go into a service that has one already. */
export interface Gate {
  ask(service: string, now: Date): Permission;
}

/** All have to be open; of those that are not, the one that opens last has the word. */
export function askGates(gates: readonly Gate[], service: string, now: Date): Permission {
  let answer: Permission = { open: true };
  for (const gate of gates) {
    const said = gate.ask(service, now);
    if (!said.open && (answer.open || opensLater(said.opensAt, answer.opensAt))) answer = said;
  }
  return answer;
}

function opensLater(one: Date | null, other: Date | null): boolean {
  if (other === null) return false;
  return one === null || one > other;
}

/** The service has to wait with this commit, and the time has not come. */
export function waitsFor(state: ServiceState, tip: Commit | undefined, now: Date): boolean {
  const waiting = waitingOf(state);
  return waiting !== null && waiting.commit === tip && (waiting.until === null || waiting.until > now);
}
