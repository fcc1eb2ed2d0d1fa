/** A host's local clone of an upstream: bare, full history, partial where that works, shared by the services of one user. */
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { withoutTrailing } from "../../model/text/pieces.ts";
import { assertNothingMounted } from "../../platform/files/mounted-below.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { QuickLook } from "../fetch/quick-look.ts";
import { type Git, gitProblem } from "../git.ts";
import { hasReader, makeReader } from "../history/reader.ts";
import type { ObjectFormat, Store, StoreKind } from "../types.ts";
import { splitCredentials } from "../upstream.ts";
import { configureStore, formatOf, isKeptFromFetching } from "./store-config.ts";
import { writeAs } from "./write-as.ts";

/** Where the store of an upstream and a user is, below `<state-dir>/stores`; the name says which, for people. */
export function storePath(stateDir: AbsPath, upstream: string, user: string): AbsPath {
  const digest = createHash("sha256").update(`${upstream}\0${user}`).digest("hex").slice(0, 12);
  return join(stateDir, "stores", `${repositoryName(upstream)}-${digest}`) as AbsPath;
}

/** What stands at the URL's end, as far as it is plain, without `.git`. */
function repositoryName(upstream: string): string {
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
  /** The template directory of `git init`: its attributes keep every file as it is in git. */
  readonly template: AbsPath;
  /** Of its upstream; without it git is asked every time. */
  readonly quickLook?: (store: Store) => QuickLook;
}

export interface NewStore {
  /** Which kind of store its upstream is good for; asked when the store has its URL and its credentials. */
  readonly kind?: () => Promise<StoreKind>;
  readonly format?: ObjectFormat;
}

/**
 * Makes the store where it is missing or half made; its config is written last, so a crash leaves no half store.
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
    await tools.git({ store: store.path }, init, { account: store.account });
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

/** A file, or a symlink to nowhere, at the store's place is kept as the old store of a new one. */
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

/** Removes the old store, when the new one has worked. */
export async function removeBroken(store: Pick<Store, "path">, exec: Exec): Promise<void> {
  await removeTree(brokenPath(store), exec);
}

/** As ourselves: others, such as an administrator's git, may have left files in it that its user cannot remove. */
export async function removeTree(path: string, exec: Exec): Promise<void> {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return;
  // From here on its user cannot get into it; and rm(1) never follows a symlink.
  if (seen.isDirectory()) {
    assertNothingMounted(path);
    chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    chmodSync(path, 0o700);
  }
  await exec(["rm", "-rf", "--one-file-system", "--", path], { timeoutMs: 5 * 60_000, tied: true });
}

/** Empties a store; only its user can have put something in it. */
export async function emptyStore(store: Store, exec: Exec): Promise<void> {
  assertNothingMounted(store.path);
  const argv = ["find", store.path, "-mindepth", "1", "-delete"];
  await exec(argv, { account: store.account, timeoutMs: 5 * 60_000, tied: true });
}

/** The daemon starts after that, with all services: one store that was filled with files does not keep it for long. */
const unlockMaxMs = 3_000;

/** Removes what a killed git left half done. Only before the first git runs: then every lock is stale. */
export async function unlockStore(store: Store, exec: Exec): Promise<void> {
  await removeLeftovers(store, exec, { timeoutMs: unlockMaxMs });
}

/**
 * Removes locks that are older than this, in ms, while no git of ours changes anything in the store. One from the
 * future is from before the clock was set back.
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
  // No branch may end in ".lock" (git-check-ref-format(1)), but one may be called "tmp_x".
  const stale = ["(", "-name", "*.lock", "-o", "-path", "./objects/*", "-name", "tmp_*", ")"];
  const argv = ["find", ".", "-type", "f", ...stale, ...condition, "-delete"];
  await exec(argv, { account: store.account, cwd: store.path, timeoutMs, okStatus: [0, 1] });
}
