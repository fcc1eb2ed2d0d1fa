/** Which services a new commit concerns, told from the object ids at their links alone. */
import type { Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { Context } from "../reconcile/context.ts";
import { contentsOf, sameContent } from "../reconcile/links.ts";
import type { Member } from "../reconcile/managed-service.ts";
import type { Move } from "../reconcile/record-changes.ts";
import { originOf, rewritten } from "../reconcile/target/origin.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import { waitsFor } from "../rollout/gates/gate.ts";

export interface Interest {
  /** Their checkouts need other files. */
  readonly waiting: readonly Member[];
  /** All is as it should be, and the tip differs in nothing of theirs: only the record has to move on. */
  readonly unconcerned: readonly Move[];
}

/** All members are of one store. */
export async function sortByInterest(
  members: readonly Member[],
  tips: Tips,
  context: Context,
): Promise<Interest> {
  const behind = members.flatMap((member) => behindTip(member, tips, context) ?? []);
  const [first] = behind;
  if (first === undefined) return { waiting: [], unconcerned: [] };
  const commits = behind.flatMap(({ tip, head, commit }) => [
    tip,
    ...(head ? [head] : []),
    ...(commit ? [commit] : []),
  ]);
  // Read together: what follows is a few microseconds for each service.
  const contents = await contentsOf(first.member.history, commits);
  const waiting: Member[] = [];
  const unconcerned: Move[] = [];
  for (const { member, tip, head, commit } of behind) {
    const { service } = member;
    if (head === null || !sameContent(service, contents, head, tip)) waiting.push(member);
    else if (commit !== null && isAtRest(member, context) && sameContent(service, contents, commit, tip)) {
      // Whether a commit is signed is asked in a turn, even if it brings nothing.
      if (service.verify === null && (await rewritten(member, tip, context)) === "")
        unconcerned.push({ service: service.name, commit: tip, origin: originOf(member) });
    }
  }
  return { waiting, unconcerned };
}

interface Behind {
  readonly member: Member;
  readonly tip: Commit;
  readonly head: Commit | null;
  readonly commit: Commit | null;
}

/** Null: it has the tip, or waits with it, or there is none. */
function behindTip(member: Member, tips: Tips, { ledger, clock }: Context): Behind | null {
  const { name, branch } = member.service;
  const tip = tips.get(branch);
  const { commit, head, state } = ledger.get(name);
  return tip === undefined || tip === commit || waitsFor(state, tip, clock.now())
    ? null
    : { member, tip, head, commit };
}

/** Writes down that the records of those whom a commit does not concern have moved on. */
export function moveOn(unconcerned: readonly Move[], { ledger, log }: Context): void {
  try {
    ledger.movedAll(unconcerned);
  } catch (error) {
    // The next look finds them where they were.
    log.warn(`cannot write down that commits concern nobody: ${toProblem(error, "host", log).message}`);
  }
}

/** True while there is nothing to try again. */
function isAtRest({ service }: Member, { ledger }: Context): boolean {
  return ledger.get(service.name).state.name === "OK" && ledger.last(service.name)?.result === "done";
}
