/** Creates the managed services of one upstream and user, once the user exists. */

import { storeOf } from "../git/store/store.ts";
import { findAccounts } from "../host/accounts.ts";
import { installPackage, isInstalled } from "../host/packages.ts";
import type { Account } from "../model/account.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Context } from "../reconcile/context.ts";
import { createHistory } from "../reconcile/history-reader.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import { failedWith } from "../rollout/next.ts";

/** Services with one upstream and one user: they share a store and a fetch. */
export interface Group {
  readonly upstream: string;
  readonly user: string;
  readonly services: readonly Service[];
}

/** The row of its polls in a trace. */
export function trackOf({ upstream, user }: Group): string {
  return `${upstream} for ${user}`;
}

export function groupServices(services: readonly Service[]): Group[] {
  const groups = Map.groupBy(services, ({ upstream, user }) => `${upstream}\0${user}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ upstream: first.upstream, user: first.user, services: members }] : [];
  });
}

export function createServices(group: Group, account: Account, context: Context): ManagedService[] {
  const store = storeOf(context.stateDir, group.upstream, account);
  for (const { checkout } of group.services) context.countWith(checkout, store.path);
  const links = group.services.flatMap(linksOf);
  const history = createHistory(store, [...new Set(links)], context);
  return group.services.map((service) => ({
    service,
    account,
    store,
    history,
    seen: null,
    fresh: false,
    staged: null,
    pendingIndexUpdate: null,
    pendingReload: false,
    underWay: null,
    packageKnown: false,
  }));
}

/** Creates the services of a group; installs their packages if the user is missing. @throws Problem when the user stays missing */
async function resolveGroup(group: Group, context: Context): Promise<ManagedService[]> {
  const found = await findAccounts([group.user], context.exec);
  const account = found.get(group.user) ?? (await installForUser(group, context));
  return createServices(group, account, context);
}

/** As `resolveGroup`; null, with a failed state of every service, while the user is missing. */
export async function resolveGroupOrReport(group: Group, context: Context): Promise<ManagedService[] | null> {
  try {
    return await resolveGroup(group, context);
  } catch (error) {
    const failed = failedWith(toProblem(error, "host", context.log), null);
    for (const { name } of group.services) context.records.apply(name, failed);
    return null;
  }
}

async function installForUser(group: Group, context: Context): Promise<Account> {
  const { exec, packageManager } = context;
  for (const name of new Set(group.services.flatMap((service) => service.package ?? []))) {
    if (await isInstalled(name, packageManager, exec)) continue;
    if (packageManager !== null) await installPackage(name, packageManager, exec);
  }
  const account = (await findAccounts([group.user], exec)).get(group.user);
  if (account) return account;
  throw new Problem(
    "host",
    `Cannot use user "${group.user}": this host does not have it, and no package of the service brought it`,
    { code: "user-missing" },
  );
}
