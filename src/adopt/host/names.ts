/** Looks up who owns the files. */
import { findAccounts, findGroups } from "../../host/accounts.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { HostEntry } from "./host-tree.ts";
import type { Names } from "./owner.ts";

/** getent(1) also takes ids. */
export async function namesOf(entries: readonly HostEntry[], exec: Exec): Promise<Names> {
  const uids = new Set(["0", ...entries.map(({ uid }) => String(uid))]);
  const accounts = [...(await findAccounts([...uids], exec)).values()];
  const gids = new Set([...entries.map(({ gid }) => String(gid)), ...accounts.map(({ gid }) => String(gid))]);
  const groups = await findGroups([...gids], exec);
  return {
    users: new Map(accounts.map((account) => [account.uid, account])),
    groups: new Map([...groups].map(([name, gid]) => [gid, name])),
  };
}
