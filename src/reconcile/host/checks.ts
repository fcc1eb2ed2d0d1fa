/** Has a staged commit checked: its unit files by systemd, and the rest by what the config says. */
import { join, relative } from "node:path";
import type { Git } from "../../git/git.ts";
import { type Entry, filesBelow } from "../../git/history/trees.ts";
import { runCheck } from "../../health/check.ts";
import { findAccounts } from "../../host/accounts.ts";
import {
  type ChangedFile,
  missingPrograms,
  touchesUnitFiles,
  unitsToVerify,
  verifyUnits,
} from "../../host/systemd/unit-files.ts";
import type { Account } from "../../model/account.ts";
import type { Commit } from "../../model/commit.ts";
import { HostFault, Problem, Refusal } from "../../model/problem.ts";
import type { Link, Service } from "../../model/service.ts";
import type { FairSemaphore } from "../../platform/fair-semaphore.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { sameEntry } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Checks } from "../ports.ts";
import type { Records } from "../records.ts";
import { stagedBinds } from "./staged-binds.ts";

interface Parts {
  readonly exec: Exec;
  readonly git: Git;
  readonly records: Pick<Records, "get">;
  /** All of this host. */
  readonly services: readonly Service[];
  /** How many checks run at once; each upstream has its share. */
  readonly slots: FairSemaphore;
}

const verifyTimeoutMs = 60_000;

/** Without a check and changed unit files nothing is run. */
export function createChecks(parts: Parts): Checks {
  const { slots, exec } = parts;
  return async (managed, { commit, stage }, over) => {
    const { check, upstream } = managed.service;
    const units = unitsToVerify(await changedUnitFiles(managed, commit, parts));
    if (check === null && units.length === 0) return;
    const binds = await stagedBinds(managed, stage, parts);
    const run: Run = (what) => slots.run(upstream, () => runCheck({ binds, ...what }, exec, over), over);
    if (units.length > 0) await verify(units, run);
    if (check !== null) await run({ ...check, account: await checkAccount(check.user, managed, exec) });
  };
}

type Checked = Parameters<typeof runCheck>[0];
type Run = (what: Omit<Checked, "binds"> & Partial<Checked>) => Promise<void>;

/** @throws Refusal, or HostFault where the units that the host has now lack the same programs */
async function verify(units: readonly string[], run: Run): Promise<void> {
  // Root finds every program that systemd would; it would read these files as root, too.
  const asRoot = {
    account: root,
    timeoutMs: verifyTimeoutMs,
    network: false,
    commands: [verifyUnits(units)],
  };
  try {
    await run(asRoot);
  } catch (refusal) {
    const lacking = lackingIn(refusal);
    if (lacking.length === 0) throw refusal;
    const before = await run({ ...asRoot, binds: [] }).then((): readonly string[] => [], lackingIn);
    if (!lacking.every((program) => before.includes(program))) throw refusal;
    throw new HostFault(
      `Cannot verify ${units.join(", ")}: this host does not have ${lacking.join(", ")} at the moment`,
      { cause: refusal, code: "unit-missing" },
    );
  }
}

/** As while a package is replaced; empty where something else is wrong. */
function lackingIn(refusal: unknown): readonly string[] {
  return refusal instanceof Refusal ? (missingPrograms(refusal.evidence?.output ?? "") ?? []) : [];
}

const root: Account = { name: "root", uid: 0, gid: 0, home: "/root" };

async function checkAccount(user: string | null, { account }: ManagedService, exec: Exec): Promise<Account> {
  if (user === null || user === account.name) return account;
  const found = (await findAccounts([user], exec)).get(user);
  if (found) return found;
  throw new Problem("host", `Cannot check as user "${user}": this host does not have it`, {
    code: "user-missing",
  });
}

/** The files that differ from the applied commit, of links that are mounted where systemd searches for unit files. */
async function changedUnitFiles(
  { service, store }: ManagedService,
  commit: Commit,
  { git, records }: Pick<Parts, "git" | "records">,
): Promise<ChangedFile[]> {
  const links = service.links.filter(({ local }) => local !== null && touchesUnitFiles(local));
  if (links.length === 0) return [];
  const paths = links.map(({ link }) => link);
  const { commit: applied } = records.get(service.name);
  // The applied commit may be gone from the store; then all files count as new.
  const before = applied === null ? [] : await filesBelow(store, applied, paths, git).catch(() => []);
  const changes = changesBetween(before, await filesBelow(store, commit, paths, git));
  return links.flatMap((link) => onHost(link, changes));
}

function changesBetween(before: readonly Entry[], after: readonly Entry[]): ChangedFile[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const now = new Set(after.map(({ path }) => path));
  const gone = before.filter(({ path }) => !now.has(path)).map(({ path }) => ({ path, is: "gone" }) as const);
  const changed = after.filter((entry) => !sameEntry(entry, old.get(entry.path)));
  return [
    ...gone,
    ...changed.map(({ path, kind }) => ({ path, is: kind === "file" ? "file" : "symlink" }) as const),
  ];
}

/** The files of a link, where they are mounted. */
function onHost({ local, link }: Link, files: readonly ChangedFile[]): ChangedFile[] {
  return files.flatMap(({ path, is }) => {
    const inLink = relative(link, path);
    const outside = local === null || inLink === ".." || inLink.startsWith("../");
    return outside ? [] : [{ path: join(local, inLink), is }];
  });
}
