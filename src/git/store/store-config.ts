/** Writes files of a store, above all its config, which says what kind of clone it is. */
import { join } from "node:path";
import { readSmallFile } from "../../platform/files/small-file.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Git } from "../git.ts";
import type { ObjectFormat, Store, StoreKind } from "../types.ts";
import { bundlePath, splitCredentials } from "../upstream.ts";

interface StoreConfig {
  /** The final path of the store. */
  readonly place: Store;
  readonly format: ObjectFormat;
  readonly kind: StoreKind;
}

/** @throws ExecFailure */
export async function configureStore(store: Store, config: StoreConfig, exec: Exec): Promise<void> {
  await writeAs(store, exec, "config", renderStoreConfig(config));
}

/** Writes as the store's user: root does not write where another user may have put a symlink. */
export async function writeAs(store: Store, exec: Exec, name: string, text: string): Promise<void> {
  const script = 'umask 077; mkdir -p "$(dirname "$1")" && cat > "$1.new" && mv "$1.new" "$1"';
  const argv = ["sh", "-c", script, "sh", join(store.path, name)];
  await exec(argv, { account: store.account, input: text, timeoutMs: 10_000, tied: true });
}

/** Read from its config. */
export function kindOf(store: Pick<Store, "path">): StoreKind {
  return /^\tpromisor = true$/m.test(configOf(store)) ? "partial" : "whole";
}

/** Read from its config. */
export function formatOf(store: Pick<Store, "path">): ObjectFormat {
  return /^\tobjectFormat = sha256$/m.test(configOf(store)) ? "sha256" : "sha1";
}

function configOf({ path }: Pick<Store, "path">): string {
  return readSmallFile(join(path, "config")) ?? "";
}

/**
 * True when git does not fetch missing objects of a partial store implicitly. GIT_NO_LAZY_FETCH works since git 2.39.4,
 * but not in 2.40 to 2.43 without security fixes. @throws ExecFailure
 */
export async function isKeptFromFetching(store: Store, git: Git): Promise<boolean> {
  const ask = ["cat-file", "-e", "1".repeat(40)];
  const { stderr } = await git(store, ask, { okStatus: [0, 1, 128] });
  return stderr.includes("lazy fetching disabled");
}

/**
 * The store's config. `core.bare` is in `config.worktree`, because in `config` it would apply to linked worktrees too
 * (git-worktree(1), CONFIGURATION FILE).
 */
export function renderStoreConfig({ place: store, format, kind }: StoreConfig): string {
  const partial = kind === "partial";
  return `[core]
\trepositoryformatversion = 1
\tfilemode = true
[extensions]
\tworktreeConfig = true
${partial ? "\tpartialClone = origin\n" : ""}\tobjectFormat = ${format}
[remote "origin"]
\turl = ${quote(urlFor(store.upstream))}
${partial ? "\tpromisor = true\n\tpartialclonefilter = blob:none\n" : ""}[credential]
\thelper = ${quote(credentialHelper(join(store.path, "credentials")))}
`;
}

/** Git takes a bundle by its path, and not by a file:// URL. */
function urlFor(upstream: string): string {
  return bundlePath(upstream) ?? splitCredentials(upstream).url;
}

/** Only reads: git would make git-credential-store(1) forget a password that upstream refused once. */
function credentialHelper(file: string): string {
  const path = `'${file.replaceAll("'", "'\\''")}'`;
  return `!f() { [ "$1" != get ] || git credential-store --file=${path} get; }; f`;
}

function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
