/** What is done before the network is asked: mounts from the checkouts on disk, and what was mounted elsewhere ends. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderGitConfig } from "../git/git-config.ts";
import { placePointer, pointerPlace } from "../git/store/pointer.ts";
import { unlockStore } from "../git/store/store.ts";
import type { Store } from "../git/types.ts";
import { localRepositories } from "../git/upstream.ts";
import type { Start } from "../history/journal.ts";
import { type Bind, bindsOf, type MountTable, observeBind, readMountTable } from "../host/mounts/mounts.ts";
import type { AbsPath } from "../model/path.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { gitConfigPath, signersDir, storesDir, templateDir } from "../platform/files/state-paths.ts";
import { futureRealOf } from "../platform/files/trust.ts";
import { keepFile } from "../platform/files/write-whole.ts";
import { unmountAll } from "../reconcile/apply/orphan-mounts.ts";
import { putMount } from "../reconcile/apply/put-mount.ts";
import type { Context } from "../reconcile/context.ts";
import { linksOf, orphansOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { toProblem } from "../reconcile/to-problem.ts";
import { failedWith } from "../rollout/next.ts";

/**
 * Makes the state directory; others may pass through it to their own stores, and see nothing else.
 * @throws Error in one line for people
 */
export function prepareStateDir(stateDir: AbsPath): void {
  try {
    prepare(stateDir);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot write in the state directory ${stateDir}: ${reasonOf(stateDir, error) ?? why}`, {
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EROFS: "its file system is read-only; make it writable, or choose another --state-dir",
  ENOSPC: "its disk is full; make room there",
  EDQUOT: "its disk is full; make room there",
  EACCES: "this user may not write there; choose another --state-dir",
  ENOTDIR: "a file is in its place; move it away, or choose another --state-dir",
  EEXIST: "a file is in its place; move it away, or choose another --state-dir",
};

/** Node's recursive mkdir says ENOENT where a file system is read-only; access(2) tells. */
function reasonOf(stateDir: AbsPath, error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== "ENOENT") return reasons[code];
  let there: string = stateDir;
  while (!existsSync(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
    return undefined;
  } catch (refusal) {
    return reasons[codeOf(refusal)];
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function prepare(stateDir: AbsPath): void {
  mkdirSync(storesDir(stateDir), { recursive: true });
  chmodSync(stateDir, 0o711);
  chmodSync(storesDir(stateDir), 0o711);
  // Whatever a crash or an older gitopper left there; who needs keys makes it again.
  rmSync(signersDir(stateDir), { recursive: true, force: true });
  mkdirSync(join(templateDir(stateDir), "info"), { recursive: true });
  // Highest precedence (gitattributes(5)): files are used exactly as they are in git, whatever attributes it has.
  const attributes = join(templateDir(stateDir), "info", "attributes");
  keepFile(attributes, "* -text -filter -ident -working-tree-encoding\n");
}

export function prepareGit(stateDir: AbsPath, upstreams: readonly string[]): void {
  const local = upstreams.flatMap(localRepositories);
  keepFile(gitConfigPath(stateDir), renderGitConfig([...new Set(local.flatMap(withRealPath))]));
}

/** Some gits compare a path as it was given, later ones (2.46) what it leads to. */
function withRealPath(path: string): string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

/** Unmounts what services had mounted and their config no longer names, so that others can mount there. */
export async function unmountOrphans(members: readonly ManagedService[], context: Context): Promise<void> {
  for (const { service } of members) {
    const orphans = orphansOf(service, context.records.mounts(service.name));
    const place = { service: service.name, checkout: service.checkout };
    await orFail(service.name, () => unmountAll(place, orphans, context), context);
  }
}

/** A failure of one service does not affect the others; its first reconcile tries again. */
async function orFail<T>(
  service: string,
  work: () => T | Promise<T>,
  { records, log }: Context,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    records.apply(service, failedWith(toProblem(error, "host", log), records.get(service).commit));
    return null;
  }
}

const unlocksAtOnce = 4;

/** Removes stale locks of killed gits; nothing of ours runs yet. What stays is found again when git complains of it. */
export async function unlockStores(
  members: readonly ManagedService[],
  { exec, log }: Context,
): Promise<void> {
  const stores = new Map(members.map(({ store }) => [store.path, store]));
  const limit = createLimit(unlocksAtOnce);
  const unlock = async (store: Store) => {
    try {
      await unlockStore(store, exec);
    } catch (error) {
      log.warn(`cannot look for stale locks in ${store.path}: ${toProblem(error, "git", log).message}`);
    }
  };
  await Promise.all([...stores.values()].map((store) => limit(() => unlock(store))));
}

/** Mounts from the checkouts on disk; units that are ordered after us find their files. */
export async function mountFromDisk(members: readonly ManagedService[], context: Context): Promise<void> {
  const table = readMountTable();
  const missing: Missing[] = [];
  for (const { service } of members) {
    const place = () =>
      placePointer(service.checkout, pointerPlace(linksOf(service)), storesDir(context.stateDir));
    await orFail(service.name, place, context);
  }
  for (const managed of members)
    missing.push(
      ...((await orFail(managed.service.name, () => beginMounts(managed, table, context), context)) ?? []),
    );
  // A mount inside another, of whatever service, has to come after it.
  missing.sort((a, b) => a.bind.target.length - b.bind.target.length);
  for (const { managed, bind } of missing) {
    await orFail(managed.service.name, () => putMount(bind, managed, context), context);
  }
}

interface Missing {
  readonly managed: ManagedService;
  readonly bind: Bind;
}

/**
 * The mounts that a service should have and has not, begun as a deployment. It stays begun: the first reconcile reloads
 * the unit, which may have started without its files, and ends it.
 */
function beginMounts(managed: ManagedService, table: MountTable, context: Context): Missing[] {
  const service = managed.service.name;
  const { records, clock } = context;
  const { commit: from } = records.get(service);
  if (from === null) return [];
  // The first reconcile makes a checkout that is not there yet.
  const binds = bindsOf(managed.service).filter(
    (bind) => existsSync(bind.source) && observeBind(bind, table) !== "mounted",
  );
  if (binds.length === 0) return [];
  const last = records.last(service);
  const to = last !== null && last.result === null ? last.to : from;
  const mounts = binds.map(({ target }) => target);
  const startedAt = clock.now();
  beginOrRemember(
    managed,
    { service, from, to, trigger: "start", by: "", startedAt, mounts, changesCheckout: false },
    context,
  );
  return binds.map((bind) => ({ managed, bind }));
}

/** A full disk does not keep away mounts that the journal has from before; its unit is told when there is room. */
function beginOrRemember(managed: ManagedService, start: Start, context: Context): void {
  const { records, log } = context;
  try {
    records.begin(start);
  } catch (error) {
    const known = records.mounts(start.service);
    if (!start.mounts.every((target) => known.includes(futureRealOf(target)))) throw error;
    records.apply(start.service, failedWith(toProblem(error, "host", log), start.from));
    managed.pendingReload = true;
  }
}
