/** Which services a new commit affects, by the object ids at their links. */
import type { Tips } from "../git/types.ts";
import type { Log } from "../platform/log.ts";
import { contentsOf, sameContent } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Move } from "../reconcile/record-change.ts";
import type { Records } from "../reconcile/records.ts";
import { describeForcePush, originOf } from "../reconcile/target/origin.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import { waitsFor } from "../rollout/gates/gate.ts";
import { headOf } from "../rollout/phase.ts";
import type { DuePorts } from "./due.ts";

export interface Affected {
  /** Their checkouts need other files. */
  readonly waiting: readonly ManagedService[];
  /** All is as it should be, and the tip differs in nothing of theirs: only the record has to move on. */
  readonly unaffected: readonly Move[];
}

/** All services are of one store. */
export async function sortByEffect(
  members: readonly ManagedService[],
  tips: Tips,
  ports: DuePorts,
): Promise<Affected> {
  const behind = members.flatMap((managed) => behindTip(managed, tips, ports) ?? []);
  const [first] = behind;
  if (first === undefined) return { waiting: [], unaffected: [] };
  const commits = behind.flatMap(({ tip, head, commit }) => [tip, head ?? [], commit ?? []].flat());
  // Read together: what follows is a few microseconds for each service.
  const contents = await contentsOf(first.managed.history, commits);
  const waiting: ManagedService[] = [];
  const unaffected: Move[] = [];
  for (const { managed, tip, head, commit } of behind) {
    const { service } = managed;
    if (head === null || !sameContent(service, contents, head, tip)) waiting.push(managed);
    else if (commit !== null && isAtRest(managed, ports) && sameContent(service, contents, commit, tip)) {
      // A reconcile verifies the signature, even if the commit does not touch the service.
      if (service.verify === null && (await describeForcePush(managed, tip, ports.records)) === "")
        unaffected.push({ service: service.name, commit: tip, origin: originOf(managed) });
    }
  }
  return { waiting, unaffected };
}

/** Null: it has the tip, or waits with it, or there is none. */
function behindTip(managed: ManagedService, tips: Tips, { records, clock }: DuePorts) {
  const { name, branch } = managed.service;
  const tip = tips.get(branch);
  const { commit, phase, state } = records.get(name);
  return tip === undefined || tip === commit || waitsFor(state, tip, clock.now())
    ? null
    : { managed, tip, head: headOf(phase), commit };
}

/** Moves the records of the services that a commit does not affect. */
export function moveOn(
  unaffected: readonly Move[],
  { records, log }: { readonly records: Pick<Records, "moved">; readonly log: Log },
): void {
  try {
    records.moved(unaffected);
  } catch (error) {
    // The next poll tries again.
    log.warn(`cannot record commits that affect no service: ${toProblem(error, "host", log).message}`);
  }
}

/** True while there is nothing to try again. */
function isAtRest({ service }: ManagedService, { records }: DuePorts): boolean {
  const { state, phase } = records.get(service.name);
  return state.name === "OK" && phase.at === "verified";
}
