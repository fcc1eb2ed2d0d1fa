/** Finds out without git that an upstream has nothing new. Whatever else there is to say, git says. */
import { during } from "../../platform/trace/span.ts";
import type { Tips } from "../types.ts";
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

  constructor(server: SmartHttp | null) {
    this.#server = server;
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

/** One for each store. `env`: what git would have of our own environment. */
export function quickLooks(
  env: NodeJS.ProcessEnv,
): (store: { readonly path: string; readonly upstream: string }) => QuickLook {
  const known = new Map<string, QuickLook>();
  return ({ path, upstream }) => {
    const quickLook = known.get(path) ?? new QuickLook(refServerOf(upstream, env));
    known.set(path, quickLook);
    return quickLook;
  };
}

/** Null: only git can ask. Ssh, proxies and passwords are git's business, and so is a URL in which anything is unusual. */
export function refServerOf(upstream: string, env: NodeJS.ProcessEnv): SmartHttp | null {
  if (!/^https?:\/\/[^@?#]+$/.test(upstream) || !URL.canParse(upstream)) return null;
  const proxied = Object.entries(env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
  return proxied ? null : new SmartHttp(upstream);
}
