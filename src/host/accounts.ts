/** The host's users, from wherever nsswitch.conf(5) has them. */
import type { Account } from "../model/account.ts";
import type { Exec } from "../platform/exec.ts";

/** The accounts of these names; names that the host does not have are absent. One process. */
export async function findAccounts(
  names: readonly string[],
  exec: Exec,
): Promise<ReadonlyMap<string, Account>> {
  if (names.length === 0) return new Map();
  // getent(1) ends with 2 when a name is missing.
  const argv = ["getent", "passwd", "--", ...new Set(names)];
  const { stdout } = await exec(argv, { timeoutMs: 30_000, okStatus: [0, 2] });
  return new Map(parsePasswd(stdout).map((account) => [account.name, account]));
}

/** The group's number; null where the host has none of that name. */
export async function findGroup(name: string, exec: Exec): Promise<number | null> {
  const { stdout } = await exec(["getent", "group", "--", name], { timeoutMs: 30_000, okStatus: [0, 2] });
  const [found, , gid] = stdout.split("\n", 1)[0]?.split(":") ?? [];
  return found === name && /^\d+$/.test(gid ?? "") ? Number(gid) : null;
}

/** Parses passwd(5). */
export function parsePasswd(text: string): Account[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(":");
    if (!name || !uid || !gid) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home || "/" }];
  });
}
