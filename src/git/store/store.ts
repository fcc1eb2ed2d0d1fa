/** A host's local clone of an upstream: bare, full history, partial where possible, shared by the services of one user. */
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { withoutTrailing } from "../../model/text/untrusted.ts";
import { assertNothingMounted } from "../../platform/files/mounted-below.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { BundleOf } from "../fetch/bundle.ts";
import type { QuickLook } from "../fetch/quick-look.ts";
import { type Git, gitProblem } from "../git.ts";
import { hasReader, makeReader } from "../history/reader.ts";
import type { ObjectFormat, Store, StoreKind } from "../types.ts";
import { splitCredentials } from "../upstream.ts";
import { configureStore, formatOf, isKeptFromFetching, writeAs } from "./store-config.ts";

/** The path of the store for an upstream and a user, below `<state-dir>/stores`; its name is readable for people. */
export function storePath(stateDir: AbsPath, upstream: string, user: string): AbsPath {
  const digest = createHash("sha256").update(`${upstream}\0${user}`).digest("hex").slice(0, 12);
  return join(stateDir, "stores", `${repositoryName(upstream)}-${digest}`) as AbsPath;
}

/** The last part of the URL without `.git`, as far as its characters are plain. */
export function repositoryName(upstream: string): string {
  const url = withoutTrailing(upstream, "/");
  let start = url.length;
  while (start > 0 && /[A-Za-z0-9._-]/.test(url.charAt(start - 1))) start--;
  const name = url.slice(start);
  return (
    (name.length > ".git".length && name.endsWith(".git") ? name.slice(0, -".git".length) : name) ||
    "upstream"
  );
}

export function storeOf(stateDir: AbsPath, upstream: string, account: Account): Store {
  return { path: storePath(stateDir, upstream, account.name), upstream, account };
}

export interface StoreTools {
  readonly git: Git;
  readonly exec: Exec;
  /** The template directory for `git init`; its attributes keep every file as it is in git. */
  readonly template: AbsPath;
  /** Polls an upstream without git; absent: git polls every time. */
  readonly quickLook?: (store: Store) => QuickLook;
  /** Remembers what was read of bundles; absent: git reads them every time. */
  readonly bundles?: BundleOf;
}

export interface NewStore {
  /** Chooses the kind of store; called when the store has its URL and its credentials. */
  readonly kind?: () => Promise<StoreKind>;
  readonly format?: ObjectFormat;
}

/**
 * Makes the store if it is missing or incomplete. Its config is written last, so a crash leaves no half-made store.
 * @throws Problem
 */
export async function ensureStore(
  store: Store,
  tools: StoreTools,
  { format = "sha1", kind = async () => "partial" }: NewStore = {},
): Promise<void> {
  const isMade = existsSync(join(store.path, "config.worktree"));
  if (isMade && hasReader(store)) return;
  try {
    await setAsideFile(store, tools.exec);
    if (isMade) return await makeReader(store, formatOf(store), tools.exec);
    mkdirSync(store.path, { recursive: true });
    chmodSync(store.path, 0o700);
    chownSync(store.path, store.account.uid, store.account.gid);
    const init = ["init", "--quiet", "--bare", `--object-format=${format}`, `--template=${tools.template}`];
    await tools.git(store, init);
    await writeAs(store, tools.exec, "credentials", splitCredentials(store.upstream).credentials);
    const configure = (as: StoreKind) =>
      configureStore(store, { place: store, format, kind: as }, tools.exec);
    await configure("whole");
    if ((await kind()) === "partial") {
      await configure("partial");
      if (!(await isKeptFromFetching(store, tools.git))) await configure("whole");
    }
    await makeReader(store, format, tools.exec);
    await writeAs(store, tools.exec, "config.worktree", "[core]\n\tbare = true\n");
  } catch (error) {
    throw gitProblem(`Cannot make the store of ${JSON.stringify(store.upstream)}`, error);
  }
}

/** A file or a dangling symlink at the store's path is set aside like an old store. */
async function setAsideFile(store: Store, exec: Exec): Promise<void> {
  const seen = lstatSync(store.path, { throwIfNoEntry: false });
  if (seen === undefined || isDirectory(store.path)) return;
  await removeBroken(store, exec);
  renameSync(store.path, brokenPath(store));
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

export const brokenPath = (store: Pick<Store, "path">) => `${store.path}.broken`;

/** Removes the old store after the new one has worked. */
export async function removeBroken(store: Pick<Store, "path">, exec: Exec): Promise<void> {
  await removeTree(brokenPath(store), exec);
}

/** Runs as root, because others, such as an administrator's git, may have left files that the store's user cannot remove. */
export async function removeTree(path: string, exec: Exec): Promise<void> {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return;
  // From here on the store's user cannot enter it, and rm(1) never follows a symlink.
  if (seen.isDirectory()) {
    assertNothingMounted(path);
    chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    chmodSync(path, 0o700);
  }
  await exec(["rm", "-rf", "--one-file-system", "--", path], { timeoutMs: 5 * 60_000, tied: true });
}

/** Empties a store. Runs as its user: no other user but root can write there. */
export async function emptyStore(store: Store, exec: Exec): Promise<void> {
  assertNothingMounted(store.path);
  const argv = ["find", store.path, "-mindepth", "1", "-delete"];
  await exec(argv, { account: store.account, timeoutMs: 5 * 60_000, tied: true });
}

/** The daemon and all services wait for this at start, so a store with very many files must not delay it for long. */
const unlockMaxMs = 3_000;

/** Removes leftovers of killed gits. Call it only before the first git runs, when every lock is stale. */
export async function unlockStore(store: Store, exec: Exec): Promise<void> {
  await removeLeftovers(store, exec, { timeoutMs: unlockMaxMs });
}

/**
 * Removes locks older than this, in ms, while no git of ours changes the store. A lock from the future is from before
 * the clock was set back.
 */
export async function removeOldLocks(
  store: Store,
  exec: Exec,
  { olderThanMs, now }: { readonly olderThanMs: number; readonly now: Date },
): Promise<void> {
  const at = (ms: number) => `@${(now.getTime() + ms) / 1000}`;
  const old = ["(", "!", "-newermt", at(-olderThanMs), "-o", "-newermt", at(olderThanMs), ")"];
  await removeLeftovers(store, exec, { condition: old, timeoutMs: 60_000 });
}

async function removeLeftovers(
  store: Store,
  exec: Exec,
  { condition = [], timeoutMs }: { readonly condition?: readonly string[]; readonly timeoutMs: number },
): Promise<void> {
  if (!isDirectory(store.path)) return;
  // No branch may end in ".lock" (git-check-ref-format(1)), but a branch may be called "tmp_x".
  const stale = ["(", "-name", "*.lock", "-o", "-path", "./objects/*", "-name", "tmp_*", ")"];
  const argv = ["find", ".", "-type", "f", ...stale, ...condition, "-delete"];
  await exec(argv, { account: store.account, cwd: store.path, timeoutMs, okStatus: [0, 1] });
}
