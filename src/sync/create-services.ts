/** Creates the managed services of one upstream and user, once the user exists. */
import type { Git } from "../git/git.ts";
import { storeOf } from "../git/store/store.ts";
import { findAccounts } from "../host/accounts.ts";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Log } from "../platform/log.ts";
import type { Exec } from "../platform/process/exec.ts";
import { createHistory } from "../reconcile/history-reader.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Packages } from "../reconcile/ports.ts";
import type { Records } from "../reconcile/records.ts";
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

interface ServicesPorts {
  readonly git: Git;
  /** For questions of the API, at background pace. */
  readonly readOnlyGit: Git;
  readonly stateDir: AbsPath;
}

export function createServices(group: Group, account: Account, ports: ServicesPorts): ManagedService[] {
  const store = storeOf(ports.stateDir, group.upstream, account);
  const links = group.services.flatMap(linksOf);
  const history = createHistory(store, [...new Set(links)], ports);
  return group.services.map((service) => ({ service, account, store, history }));
}

interface AccountPorts {
  readonly exec: Exec;
  readonly packages: Pick<Packages, "isMissing" | "install" | "forget">;
  readonly records: Pick<Records, "apply">;
  readonly log: Log;
}

/** The user of a group; its packages are installed if it is missing. Null, with a failed state of every service: it still is. */
export async function findUserOrReport(group: Group, ports: AccountPorts): Promise<Account | null> {
  const find = async () => (await findAccounts([group.user], ports.exec)).get(group.user);
  try {
    const account = (await find()) ?? (await installPackages(group, ports).then(find));
    if (account) return account;
    throw new Problem(
      "host",
      `Cannot use user "${group.user}": this host does not have it, and no package of the service brought it`,
      { code: "user-missing" },
    );
  } catch (error) {
    const failed = failedWith(toProblem(error, "host", ports.log), null);
    for (const { name } of group.services) ports.records.apply(name, failed);
    return null;
  }
}

async function installPackages(group: Group, { packages }: AccountPorts): Promise<void> {
  // A package that did not bring the user may have been removed since.
  for (const service of group.services) packages.forget(service);
  for (const service of group.services) {
    if (service.package !== null && (await packages.isMissing(service)))
      await packages.install(service.package);
  }
}
