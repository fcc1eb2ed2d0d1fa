/** Pushes that were announced: upstream is polled until it shows them, because a mirror may lag behind. */

import type { Tips } from "../../git/types.ts";
import { type Commit, shortCommit } from "../../model/commit.ts";
import type { BranchMove } from "../../model/webhook.ts";
import { pollForPushInMs } from "../../rollout/schedule.ts";

interface AwaitedCommit {
  readonly branch: string;
  /** When the first poll for it began; null: it has not. */
  sinceMs: number | null;
}

const commitsMax = 64;

/** Whether a branch with this tip has the commit. */
type Has = (tip: Commit, commit: Commit) => Promise<boolean>;

export class AwaitedPushes {
  readonly #commits = new Map<Commit, AwaitedCommit>();
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
    for (const awaited of this.#commits.values()) {
      awaited.sinceMs ??= nowMs;
      branches.add(awaited.branch);
    }
    return branches;
  }

  /** Forgets what upstream has shown, and what it has not shown in a minute; answers the latter, as lines of the log. */
  async settle(tips: Tips, has: Has, nowMs: number): Promise<string[]> {
    const givenUp: string[] = [];
    for (const [commit, { branch, sinceMs }] of [...this.#commits]) {
      // A push that was announced during the poll gets a poll of its own.
      if (sinceMs === null) continue;
      const tip = tips.get(branch);
      const isSeen = tip !== undefined && (tip === commit || (await has(tip, commit)));
      const isOver = pollForPushInMs(nowMs - sinceMs) === null;
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
      ({ sinceMs }) => pollForPushInMs(nowMs - (sinceMs ?? nowMs)) ?? [],
    );
    return waits.length === 0 ? null : Math.min(...waits);
  }
}
