/** Pushes that were announced: upstream is polled until it shows them, because a mirror may lag behind. */

import { hasLately } from "../git/history/trees.ts";
import type { Store, Tips } from "../git/types.ts";
import { type Commit, shortCommit } from "../model/commit.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { BranchMove } from "../model/webhook.ts";
import type { Context } from "../reconcile/context.ts";
import { lookForPushInMs } from "../rollout/schedule.ts";

interface Wanted {
  readonly branch: string;
  /** When the first poll for it began; null: it has not. */
  sinceMs: number | null;
}

const commitsMax = 64;

/** Whether a branch with this tip has the commit. */
type Has = (tip: Commit, commit: Commit) => Promise<boolean>;

export class AwaitedPushes {
  readonly #commits = new Map<Commit, Wanted>();
  /** Branches that were announced since the last poll began. */
  #moved = new Set<string>();

  add(moves: readonly BranchMove[]): void {
    for (const { branch, before, after } of moves) {
      this.#moved.add(branch);
      // Upstream may never show what a forced push has replaced.
      if (before !== null) this.#commits.delete(before);
      if (after !== null && !this.#commits.has(after)) this.#commits.set(after, { branch, sinceMs: null });
    }
    for (const oldest of this.#commits.keys()) {
      if (this.#commits.size <= commitsMax) break;
      this.#commits.delete(oldest);
    }
  }

  /** A poll begins; answers the branches that it is for. */
  begin(nowMs: number): ReadonlySet<string> {
    const branches = this.#moved;
    this.#moved = new Set();
    for (const wanted of this.#commits.values()) {
      wanted.sinceMs ??= nowMs;
      branches.add(wanted.branch);
    }
    return branches;
  }

  /** Forgets what upstream has shown, and what it has not shown in a minute; answers the latter, for people. */
  async settle(tips: Tips, has: Has, nowMs: number): Promise<string[]> {
    const givenUp: string[] = [];
    for (const [commit, { branch, sinceMs }] of [...this.#commits]) {
      // A push that was announced during the poll gets a poll of its own.
      if (sinceMs === null) continue;
      const tip = tips.get(branch);
      const isSeen = tip !== undefined && (tip === commit || (await has(tip, commit)));
      const isOver = lookForPushInMs(nowMs - sinceMs) === null;
      if (!isSeen && isOver)
        givenUp.push(
          `a webhook told of ${shortCommit(commit)} on "${branch}", and upstream does not show it`,
        );
      if (isSeen || isOver) this.#commits.delete(commit);
    }
    return givenUp;
  }

  /** Until the next poll, in ms; null: no push is awaited. */
  nextTryInMs(nowMs: number): number | null {
    const waits = [...this.#commits.values()].flatMap(
      ({ sinceMs }) => lookForPushInMs(nowMs - (sinceMs ?? nowMs)) ?? [],
    );
    return waits.length === 0 ? null : Math.min(...waits);
  }
}

/** Sees whether a fetch has brought what was expected of it, and logs what has not come in time. */
export async function confirmPushes(
  expected: AwaitedPushes,
  store: Store,
  tips: Tips,
  { git, clock, log }: Context,
): Promise<void> {
  const has: Has = (tip, commit) => hasLately(store, tip, commit, git);
  for (const line of await expected.settle(tips, has, clock.monotonicMs()))
    log.warn(`${maskSecrets(store.upstream)}: ${line}`);
}
