/** Finds out without git that an upstream has nothing new. Whatever else there is to say, git says. */
import { during } from "../platform/span.ts";
import type { Tips } from "./fetch.ts";
import { NotOurs, SmartHttp } from "./smart-http.ts";

/** Of so many looks in a row, one is git's in any case. */
const looksInRow = 12;
/** After a failure, so many looks are git's alone. */
const looksOfGit = 10;

export class QuickLook {
  /** Null: only git can ask. */
  #server: SmartHttp | null;
  #inRow = 0;
  #leftToGit = 0;

  /** `env`: what git would have of our own environment. */
  constructor(upstream: string, env: NodeJS.ProcessEnv) {
    this.#server = canBeAsked(upstream, env) ? new SmartHttp(upstream) : null;
  }

  /** True: all branches are where git has seen them last. Never fails. */
  async isUnchanged(branches: readonly string[], known: Tips, stopping: AbortSignal): Promise<boolean> {
    if (this.#server === null || !branches.every((branch) => known.has(branch)) || this.#isGitsTurn())
      return false;
    const server = this.#server;
    try {
      const tips = await during({ name: "ask without git" }, () => server.lsRefs(branches, stopping));
      return branches.every((branch) => tips.get(branch) === known.get(branch));
    } catch (error) {
      if (error instanceof NotOurs) this.#server = null;
      this.#leftToGit = looksOfGit;
      return false;
    }
  }

  #isGitsTurn(): boolean {
    if (this.#leftToGit > 0) {
      this.#leftToGit -= 1;
      return true;
    }
    this.#inRow = (this.#inRow + 1) % looksInRow;
    return this.#inRow === 0;
  }
}

/** One for each upstream. */
export function quickLooks(env: NodeJS.ProcessEnv): (upstream: string) => QuickLook {
  const known = new Map<string, QuickLook>();
  return (upstream) => {
    const quickLook = known.get(upstream) ?? new QuickLook(upstream, env);
    known.set(upstream, quickLook);
    return quickLook;
  };
}

/** Proxies and passwords are git's business, and so is a URL in which anything is unusual. */
function canBeAsked(upstream: string, env: NodeJS.ProcessEnv): boolean {
  if (!/^https?:\/\/[^@?#]+$/.test(upstream) || !URL.canParse(upstream)) return false;
  return !Object.entries(env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
}
