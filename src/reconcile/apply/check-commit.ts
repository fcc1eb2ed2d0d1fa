/** Has a staged commit checked: its unit files by systemd, and the rest by what the config says. */
import { join, relative } from "node:path";
import { type Entry, filesBelow } from "../../git/history/trees.ts";
import { runCheck } from "../../health/check.ts";
import { findAccounts } from "../../host/accounts.ts";
import {
  type ChangedFile,
  touchesUnitFiles,
  unitsToVerify,
  verifyUnits,
} from "../../host/systemd/unit-files.ts";
import { missingPrograms } from "../../host/systemd/verify-output.ts";
import type { Account } from "../../model/account.ts";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { HostFault, Problem, Refusal } from "../../model/problem.ts";
import type { Link } from "../../model/service.ts";
import type { Context } from "../context.ts";
import { sameEntry } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { stagedBinds } from "./staged-binds.ts";

type Tools = Pick<
  Context,
  "exec" | "git" | "records" | "services" | "stopping" | "superseded" | "checkSlots"
>;

const verifyTimeoutMs = 60_000;

/**
 * Answers when nothing speaks against the commit, whose tree is at `stage`; without a check and changed unit files
 * nothing is run.
 * @throws Refusal when the commit is not good; Problem when that cannot be found out
 */
export async function checkCommit(
  managed: ManagedService,
  candidate: { readonly commit: Commit; readonly stage: AbsPath },
  context: Tools,
): Promise<void> {
  const { check, upstream } = managed.service;
  const units = unitsToVerify(await changedUnitFiles(managed, candidate.commit, context));
  if (check === null && units.length === 0) return;
  const binds = await stagedBinds(managed, candidate.stage, context);
  const over = AbortSignal.any([context.stopping, context.superseded]);
  const run: Run = (what) =>
    context.checkSlots.run(upstream, () => runCheck({ binds, ...what }, context.exec, over), over);
  if (units.length > 0) await verify(units, run);
  if (check !== null) await run({ ...check, account: await checkAccount(check.user, managed, context) });
}

type Run = (what: Omit<Parameters<typeof runCheck>[0], "binds"> & Partial<CheckBinds>) => Promise<void>;
type CheckBinds = Pick<Parameters<typeof runCheck>[0], "binds">;

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

async function checkAccount(
  user: string | null,
  { account }: ManagedService,
  { exec }: Tools,
): Promise<Account> {
  if (user === null || user === account.name) return account;
  const found = (await findAccounts([user], exec)).get(user);
  if (found) return found;
  throw new Problem("host", `Cannot check as user "${user}": this host does not have it`, {
    code: "user-missing",
  });
}

/** The files that differ from the applied commit, of links that are mounted where systemd looks for unit files. */
async function changedUnitFiles(
  { service, store }: ManagedService,
  commit: Commit,
  { git, records }: Tools,
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
