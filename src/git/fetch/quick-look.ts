/** Finds out without a git process that an upstream has nothing new; everything else is left to git. */
import { during } from "../../platform/trace/span.ts";
import type { Tips } from "../types.ts";
import { SmartHttp, UnsupportedServer } from "./smart-http.ts";

/** Out of this many polls in a row, git does one in any case. */
const looksInRow = 12;
/** After a failure git alone does this many polls. */
const looksOfGit = 10;

export class QuickLook {
  /** Null: only git can poll this upstream. */
  #server: SmartHttp | null;
  #inRow = 0;
  #leftToGit = 0;

  constructor(server: SmartHttp | null) {
    this.#server = server;
  }

  /** True: all branches are where git has last seen them. Never rejects. */
  async isUnchanged(branches: readonly string[], known: Tips, stopping: AbortSignal): Promise<boolean> {
    if (this.#server === null || !branches.every((branch) => known.has(branch)) || this.#isGitsTurn())
      return false;
    const server = this.#server;
    try {
      const tips = await during({ name: "ask without git" }, () => server.lsRefs(branches, stopping));
      return branches.every((branch) => tips.get(branch) === known.get(branch));
    } catch (error) {
      if (error instanceof UnsupportedServer) this.#server = null;
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

/** One per store. `env`: the environment that git would see, for proxies. */
export function createQuickLooks(
  env: NodeJS.ProcessEnv,
): (store: { readonly path: string; readonly upstream: string }) => QuickLook {
  const known = new Map<string, QuickLook>();
  return ({ path, upstream }) => {
    const quickLook = known.get(path) ?? new QuickLook(refServerOf(upstream, env));
    known.set(path, quickLook);
    return quickLook;
  };
}

/** Null: only git can poll. That holds for ssh, proxies, passwords and every unusual URL. */
export function refServerOf(upstream: string, env: NodeJS.ProcessEnv): SmartHttp | null {
  if (!/^https?:\/\/[^@?#]+$/.test(upstream) || !URL.canParse(upstream)) return null;
  const proxied = Object.entries(env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
  return proxied ? null : new SmartHttp(upstream);
}
