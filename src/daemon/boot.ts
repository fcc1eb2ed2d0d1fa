/** Prepares the state directory at a start: its files, the config that git reads, and stores without stale locks. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderGitConfig } from "../git/git-config.ts";
import { unlockStore } from "../git/store/store.ts";
import type { Store } from "../git/types.ts";
import { localRepositories } from "../git/upstream.ts";
import type { AbsPath } from "../model/path.ts";
import { createLimit } from "../platform/fair-semaphore.ts";
import { gitConfigPath, signersDir, storesDir, templateDir } from "../platform/files/state-paths.ts";
import { codeOf, keepFile } from "../platform/files/write-whole.ts";
import type { Log } from "../platform/log.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { toProblem } from "../reconcile/to-problem.ts";

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

/** Node's recursive mkdir fails with ENOENT on a read-only file system; access(2) gives the right code. */
function reasonOf(stateDir: AbsPath, error: unknown): string | undefined {
  const code = codeOf(error) ?? "";
  if (code !== "ENOENT") return reasons[code];
  let existing: string = stateDir;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return undefined;
  } catch (refusal) {
    return reasons[codeOf(refusal) ?? ""];
  }
}

function prepare(stateDir: AbsPath): void {
  mkdirSync(storesDir(stateDir), { recursive: true });
  chmodSync(stateDir, 0o711);
  chmodSync(storesDir(stateDir), 0o711);
  // A crash or an older gitopper may have left files there; the next verification creates the directory again.
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

/** Earlier gits compare a path as it is given; 2.46 and later compare the path that it resolves to. */
function withRealPath(path: string): string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

const unlocksAtOnce = 4;

/** Removes stale locks of killed gits; no git of ours runs yet. A lock that stays is found again when git reports it. */
export async function unlockStores(
  members: readonly ManagedService[],
  { exec, log }: { readonly exec: Exec; readonly log: Log },
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
