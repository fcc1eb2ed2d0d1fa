/** Who a commit is by. */
import { hostname } from "node:os";
import type { Account } from "../../model/account.ts";
import type { Exec } from "../../platform/process/exec.ts";

export interface Identity {
  readonly name: string;
  readonly email: string;
}

const timeoutMs = 10_000;

/** The user's own `user.name` and `user.email` of git; else gitopper on this host. */
export async function identityOf(account: Account, gitDir: string, exec: Exec): Promise<Identity> {
  const read = async (key: string) => {
    const argv = ["git", `--git-dir=${gitDir}`, "config", "--get", key];
    const env = { HOME: account.home, GIT_CONFIG_NOSYSTEM: "1" };
    // git-config(1) exits with 1 for a key that is not set.
    const { stdout } = await exec(argv, { timeoutMs, account, env, okStatus: [0, 1] }).catch(() => ({
      stdout: "",
    }));
    // What git itself removes from names.
    return stdout.replaceAll(/[\p{Cc}<>]/gu, "").trim();
  };
  const [name, email] = [await read("user.name"), await read("user.email")];
  return { name: name || "gitopper", email: email || `gitopper@${hostname()}` };
}
