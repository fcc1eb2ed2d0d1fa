/** Finds out without git that an upstream has nothing new. Whatever else there is to say, git says. */
import type { Account } from "../../model/account.ts";
import { FairLimit } from "../../platform/fair-semaphore.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { during } from "../../platform/trace/span.ts";
import { NotOurs, type RefServer } from "./ref-server.ts";
import { SmartHttp } from "./smart-http.ts";
import { SmartSsh } from "./smart-ssh.ts";
import { uploadPackArgv } from "./ssh.ts";
import type { Tips } from "./tip-refs.ts";

/** Of so many looks in a row, one is git's in any case. */
const looksInRow = 12;
/** After a failure, so many looks are git's alone. */
const looksOfGit = 10;

export class QuickLook {
  /** Null: only git can ask. */
  #server: RefServer | null;
  #inRow = 0;
  #leftToGit = 0;

  constructor(server: RefServer | null) {
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

/** Each ssh(1) is a process. */
const sshAtOnce = { places: 8, holdMs: 1_000 };

export interface Way {
  readonly exec: Exec;
  /** What git would have of our own environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** One for each store. */
export function quickLooks(way: Way): (store: Asked) => QuickLook {
  const limit = new FairLimit(sshAtOnce);
  const known = new Map<string, QuickLook>();
  return (store) => {
    const exec: Exec = (argv, options) => limit.run(store.path, () => way.exec(argv, options));
    const quickLook = known.get(store.path) ?? new QuickLook(refServerOf(store, { ...way, exec }));
    known.set(store.path, quickLook);
    return quickLook;
  };
}

interface Asked {
  readonly path: string;
  readonly upstream: string;
  readonly account: Account;
}

/** Null: only git can ask. Proxies and passwords are git's business, and so is a URL in which anything is unusual. */
export function refServerOf(
  { upstream, account }: Pick<Asked, "upstream" | "account">,
  { exec, env }: Way,
): RefServer | null {
  const ssh = uploadPackArgv(upstream);
  if (ssh !== null) return new SmartSsh(ssh, account, exec);
  if (!/^https?:\/\/[^@?#]+$/.test(upstream) || !URL.canParse(upstream)) return null;
  const proxied = Object.entries(env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
  return proxied ? null : new SmartHttp(upstream);
}
