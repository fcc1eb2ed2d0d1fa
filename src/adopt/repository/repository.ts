/** The repository that the commit is made in: an administrator's clone, or a temporary one for a patch. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Git, GitOptions } from "../../git/git.ts";
import { gitProblem } from "../../git/git.ts";
import type { ObjectFormat } from "../../git/types.ts";
import { findAccounts } from "../../host/accounts.ts";
import type { Account } from "../../model/account.ts";
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { untrustedPart } from "../../platform/files/trust.ts";
import { type Identity, identityOf } from "./identity.ts";
import type { Workspace } from "./workspace.ts";

export interface Repository {
  /** The working tree, an absolute path; null: a temporary repository without one. */
  readonly directory: string | null;
  readonly gitDir: AbsPath;
  /** Git runs as the owner of the repository. */
  readonly account: Account;
  readonly format: ObjectFormat;
  readonly author: Identity;
  readonly run: (args: readonly string[], options?: GitOptions) => ReturnType<Git>;
}

/** Opens an existing clone. @throws Problem */
export async function openClone(directory: string, workspace: Workspace): Promise<Repository> {
  const what = `Cannot use the clone ${JSON.stringify(directory)}`;
  const seen = statSync(directory, { throwIfNoEntry: false });
  if (!seen?.isDirectory()) throw new Problem("git", `${what}: there is no such directory`);
  const open = untrustedPart(join(directory, ".git"));
  // Its config could run programs as root.
  if (seen.uid === 0 && open !== null)
    throw new Problem(
      "git",
      `${what}: others than root can change ${open}; use a clone that only its owner can change`,
    );
  const account = await accountOf(seen.uid, workspace);
  // Git does not run in the current directory.
  const path = resolve(directory);
  const gitDir = await gitDirOf(path, account, workspace).catch((error: unknown) => {
    throw gitProblem(what, error);
  });
  return repositoryAt(gitDir, path, account, workspace);
}

/** An empty repository with the objects of another one, which does not change; null: with none. @throws Problem */
export async function temporaryRepository(
  from: Repository | null,
  workspace: Workspace,
): Promise<Repository> {
  const account = from?.account ?? (await accountOf(0, workspace));
  const gitDir = workspace.directory("repository", account);
  const place = { path: gitDir, account };
  const format = from?.format ?? "sha1";
  try {
    await workspace.git(place, ["init", "--quiet", "--bare", "--template=", `--object-format=${format}`]);
  } catch (error) {
    throw gitProblem("Cannot make a temporary repository", error);
  }
  const made = await repositoryAt(gitDir, null, account, workspace);
  const author = from?.author ?? (await identityOf(account, gitDir, workspace.exec));
  const objects = from === null ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(from.gitDir, "objects") };
  const run: Repository["run"] = (args, options = {}) =>
    made.run(args, { ...options, env: { ...objects, ...options.env } });
  return { ...made, author, run };
}

async function repositoryAt(
  gitDir: AbsPath,
  directory: string | null,
  account: Account,
  workspace: Workspace,
): Promise<Repository> {
  const place = { path: gitDir, account };
  const run: Repository["run"] = (args, options) => workspace.git(place, args, options);
  const { stdout } = await run(["rev-parse", "--show-object-format"]);
  const author = await identityOf(account, gitDir, workspace.exec);
  const format = stdout.trim() === "sha256" ? "sha256" : "sha1";
  return { directory, gitDir, account, format, author, run };
}

/** @throws Problem when the host has no such user */
export async function accountOf(uid: number, { exec }: Pick<Workspace, "exec">): Promise<Account> {
  const [account] = (await findAccounts([String(uid)], exec)).values();
  if (account === undefined) throw new Problem("host", `Cannot run git as user ${uid}: it has no name`);
  return account;
}

async function gitDirOf(directory: string, account: Account, { exec }: Workspace): Promise<AbsPath> {
  const argv = ["git", "-c", "core.fsmonitor=false", "-C", directory, "rev-parse", "--absolute-git-dir"];
  const env = { HOME: account.home, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const { stdout } = await exec(argv, { timeoutMs: 30_000, account, env });
  return stdout.replace(/\n$/, "") as AbsPath;
}

/** The commit of a branch, as upstream or the clone itself has it; null: it has none. */
export async function tipOf(repository: Repository, branch: string): Promise<Commit | null> {
  for (const ref of [`refs/remotes/origin/${branch}`, `refs/heads/${branch}`]) {
    const commit = await commitOf(repository, ref);
    if (commit !== null) return commit;
  }
  return null;
}

/** Null: the repository does not have it. */
export async function commitOf({ run }: Repository, name: string): Promise<Commit | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const { stdout } = await run(args, { okStatus: [0, 1, 128] });
  return parseCommit(stdout.trim());
}

/** Whether the repository has any branch. */
export async function isEmpty({ run }: Repository): Promise<boolean> {
  const { stdout } = await run(["for-each-ref", "--count=1", "refs/heads", "refs/remotes"]);
  return stdout === "";
}
