/** Looks up users and groups of the host through nsswitch.conf(5). */
import type { Account } from "../model/account.ts";
import type { Exec } from "../platform/process/exec.ts";

/** The accounts of these names; absent: the host has no such user. One process. */
export async function findAccounts(
  names: readonly string[],
  exec: Exec,
): Promise<ReadonlyMap<string, Account>> {
  const accounts = parsePasswd(await getent("passwd", names, exec));
  return new Map(accounts.map((account) => [account.name, account]));
}

/** The gids of these groups; absent: the host has no such group. One process. */
export async function findGroups(names: readonly string[], exec: Exec): Promise<ReadonlyMap<string, number>> {
  const groups = (await getent("group", names, exec)).split("\n").flatMap((line) => {
    const [name, , gid] = line.split(":");
    return name && /^\d+$/.test(gid ?? "") ? [[name, Number(gid)] as const] : [];
  });
  return new Map(groups);
}

async function getent(database: string, names: readonly string[], exec: Exec): Promise<string> {
  if (names.length === 0) return "";
  const argv = ["getent", database, "--", ...new Set(names)];
  // getent(1) exits with 2 when a name is missing.
  return (await exec(argv, { timeoutMs: 30_000, okStatus: [0, 2] })).stdout;
}

/** Looks up each existing group once. */
export function createGroupFinder(exec: Exec): (name: string) => Promise<number | null> {
  const known = new Map<string, number>();
  return async (name) => {
    const gid = known.get(name) ?? (await findGroups([name], exec)).get(name) ?? null;
    if (gid !== null) known.set(name, gid);
    return gid;
  };
}

/** Parses passwd(5). */
export function parsePasswd(text: string): Account[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(":");
    if (!name || !uid || !gid) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home || "/" }];
  });
}
