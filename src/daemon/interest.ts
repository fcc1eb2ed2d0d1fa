/** Which services a new commit concerns, told from the object ids at their links alone. */
import type { Tips } from "../git/fetch.ts";
import { waitsFor } from "../rollout/gate.ts";
import type { Context } from "./context.ts";
import type { Move } from "./ledger.ts";
import { sameAtLinks } from "./links.ts";
import type { Member } from "./member.ts";
import { originOf, rewritten } from "./origin.ts";
import { toProblem } from "./to-problem.ts";

export interface Interest {
  /** Their checkouts need other files. */
  readonly waiting: readonly Member[];
  /** All is as it should be, and the tip differs in nothing of theirs: only the record has to move on. */
  readonly unconcerned: readonly Move[];
}

export async function sortByInterest(
  members: readonly Member[],
  tips: Tips,
  context: Context,
): Promise<Interest> {
  const waiting: Member[] = [];
  const unconcerned: Move[] = [];
  for (const member of members) {
    const { name, branch } = member.service;
    const tip = tips.get(branch);
    const { commit, head, state } = context.ledger.get(name);
    if (tip === undefined || tip === commit || waitsFor(state, tip, context.clock.now())) continue;
    if (head === null || !(await sameAtLinks(member, head, tip))) waiting.push(member);
    else if (commit !== null && isAtRest(member, context) && (await sameAtLinks(member, commit, tip))) {
      // Whether a commit is signed is asked in a turn, even if it brings nothing.
      if (member.service.verify === null && (await rewritten(member, tip, context)) === "")
        unconcerned.push({ service: name, commit: tip, origin: originOf(member) });
    }
  }
  return { waiting, unconcerned };
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
