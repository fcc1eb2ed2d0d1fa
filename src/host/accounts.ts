/** Looks up users and groups of the host through nsswitch.conf(5). */
import type { Account } from "../model/account.ts";
import type { Exec } from "../platform/process/exec.ts";

/** The accounts of these names; absent: the host has no such user. One process. */
export async function findAccounts(
  names: readonly string[],
  exec: Exec,
): Promise<ReadonlyMap<string, Account>> {
  if (names.length === 0) return new Map();
  // getent(1) exits with 2 when a name is missing.
  const argv = ["getent", "passwd", "--", ...new Set(names)];
  const { stdout } = await exec(argv, { timeoutMs: 30_000, okStatus: [0, 2] });
  return new Map(parsePasswd(stdout).map((account) => [account.name, account]));
}

/** The gids of these groups; absent: the host has no such group. One process. */
export async function findGroups(names: readonly string[], exec: Exec): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const argv = ["getent", "group", "--", ...new Set(names)];
  const { stdout } = await exec(argv, { timeoutMs: 30_000, okStatus: [0, 2] });
  const groups = stdout.split("\n").flatMap((line) => {
    const [name, , gid] = line.split(":");
    return name && /^\d+$/.test(gid ?? "") ? [[name, Number(gid)] as const] : [];
  });
  return new Map(groups);
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
