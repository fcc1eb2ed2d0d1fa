/** Puts the files into a commit: on a branch of a clone, or into a patch. */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseBranch } from "../../config/fields/values/names.ts";
import { gitProblem, throwAsProblem } from "../../git/git.ts";
import { recordsOf } from "../../git/records.ts";
import { repositoryName } from "../../git/store/store.ts";
import type { ObjectFormat } from "../../git/types.ts";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Committed } from "../compare.ts";
import { configChange } from "../config-change.ts";
import { type Change, makeCommit } from "./commit.ts";
import { makeClone } from "./new-clone.ts";
import { writePatch } from "./patch.ts";
import { commitOf, isEmpty, openClone, type Repository, temporaryRepository, tipOf } from "./repository.ts";
import type { Workspace } from "./workspace.ts";

export interface PublishOptions {
  /** An existing clone; null: a new one in the current directory, unless there is a patch. */
  readonly clone: string | null;
  /** The new branch; null: a name made from the service. */
  readonly branch: string | null;
  /** Null: one that says what was done. */
  readonly message: string | null;
  /** The path of a new file, instead of a branch. */
  readonly patch: string | null;
  readonly push: boolean;
}

export interface Published {
  /** The clone that has the branch; null: there is only a patch. */
  readonly clone: string | null;
  readonly isNewClone: boolean;
  readonly branch: string;
  /** The branch that the config follows. */
  readonly into: string;
  readonly base: Commit | null;
  readonly commit: Commit;
  /** All files of the commit. */
  readonly committed: readonly Committed[];
  readonly format: ObjectFormat;
  readonly patch: string | null;
  /** Null: it was not pushed; a text: why that failed. */
  readonly pushed: true | string | null;
  /** The path of the config in the commit, if the entry was added there. */
  readonly configAt: string | null;
}

export interface Publishing extends Omit<PublishOptions, "branch"> {
  readonly upstream: string;
  /** The config names the upstream. */
  readonly isConfigured: boolean;
  /** The branch that the config follows. */
  readonly follows: string;
  readonly newBranch: string;
  readonly message: string;
  readonly changes: readonly Change[];
  /** Must not exist in the repository; null: the files are changed. */
  readonly into: string | null;
  /** The commit to follow; null: the tip of the branch. */
  readonly onto: Commit | null;
  /** Adds the entry to the config, if the repository has it. */
  readonly extra: { readonly config: string | null; readonly entry: string } | null;
}

/** @throws Problem; what was made until then is removed */
export async function publish(publishing: Publishing, workspace: Workspace, now: Date): Promise<Published> {
  const { clone, patch, upstream, isConfigured, onto } = publishing;
  const needsClone = patch === null || onto !== null;
  if (clone !== null) return inClone(await openClone(clone, workspace), publishing, workspace, now);
  if (!needsClone) return inClone(null, publishing, workspace, now);
  if (!isConfigured) {
    const remedy = "name a clone with --clone, write a --patch, or configure the host first";
    throw new Problem("git", `Cannot clone: there is no config that names an upstream; ${remedy}`);
  }
  // Of a patch that changes files, only the patch stays.
  const directory = patch === null ? repositoryName(upstream) : `${workspace.path}/clone`;
  const made = await makeClone(upstream, directory, workspace);
  try {
    const published = await inClone(made, publishing, workspace, now);
    if (patch === null) await showFiles(made, publishing.newBranch, workspace);
    return { ...published, isNewClone: patch === null };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Files of a clone that is new; one that an administrator works in stays as it is. */
async function showFiles(
  { gitDir, account, directory }: Repository,
  branch: string,
  { git }: Workspace,
): Promise<void> {
  const place = { store: { path: gitDir, account }, checkout: resolve(directory ?? "") as AbsPath };
  await git(place, ["checkout", "--quiet", branch]).catch(throwAsProblem(`Cannot check out ${branch}`));
}

async function inClone(
  clone: Repository | null,
  publishing: Publishing,
  workspace: Workspace,
  now: Date,
): Promise<Published> {
  const { newBranch, follows, patch, message, push } = publishing;
  const base = clone === null ? null : await baseOf(clone, publishing);
  if (clone !== null && base !== null) await assertFree(clone, base, publishing);
  const added = clone && base && (await configChange(clone, base, publishing.extra));
  const changes = [...publishing.changes, ...(added ? [added] : [])];
  const repository = patch === null && clone !== null ? clone : await temporaryRepository(clone, workspace);
  const ref = `refs/heads/${newBranch}`;
  const commit = await makeCommit(repository, { ref, base, message, changes, at: now });
  if (patch !== null) await writePatch(repository, commit, changes, patch);
  const committed = await filesOf(repository, commit);
  const pushed = patch === null && push ? await pushBranch(repository, newBranch) : null;
  return {
    ...{
      clone: patch === null ? repository.directory : null,
      isNewClone: false,
      branch: newBranch,
      into: follows,
    },
    ...{ base, commit, committed, format: repository.format, patch, pushed },
    configAt: added?.path ?? null,
  };
}

async function baseOf(clone: Repository, { follows, onto }: Publishing): Promise<Commit | null> {
  if (onto !== null) {
    const known = await commitOf(clone, onto);
    if (known !== null) return known;
    throw new Problem(
      "git",
      `Cannot use the clone: it does not have the commit ${onto}; run git fetch in it`,
    );
  }
  const tip = await tipOf(clone, follows);
  if (tip !== null || (await isEmpty(clone))) return tip;
  throw new Problem("git", `Cannot use the clone: it has no branch "${follows}", which the config follows`);
}

async function assertFree(
  clone: Repository,
  base: Commit,
  { newBranch, into, patch }: Publishing,
): Promise<void> {
  const fault = parseBranch(newBranch);
  if (!fault.ok) throw new Problem("git", `Cannot make the branch: ${fault.why}`);
  if (patch === null && (await commitOf(clone, `refs/heads/${newBranch}`)) !== null)
    throw new Problem(
      "git",
      `Cannot make the branch ${newBranch}: it exists; name another one with --branch`,
    );
  if (into === null) return;
  const { stdout } = await clone.run(["ls-tree", "-z", "--full-tree", base, "--", into]);
  if (stdout !== "")
    throw new Problem(
      "git",
      `Cannot use ${into}: the repository has it already; name another directory with --into`,
    );
}

async function filesOf(repository: Repository, commit: Commit): Promise<Committed[]> {
  const found: Committed[] = [];
  const git = (_: unknown, args: readonly string[], options = {}) => repository.run(args, options);
  const place = { path: repository.gitDir, account: repository.account };
  for await (const records of recordsOf(git, place, ["ls-tree", "-r", "-z", "--full-tree", commit]))
    for (const record of records) {
      const [, mode, id, path] = /^(\d{6}) \S+ ([0-9a-f]+)\t(.+)$/s.exec(record) ?? [];
      if (mode && id && path) found.push({ mode, id, path });
    }
  return found;
}

/** The branch stays when it cannot be pushed. */
async function pushBranch({ run }: Repository, branch: string): Promise<true | string> {
  const ref = `refs/heads/${branch}`;
  try {
    await run(["push", "--quiet", "--progress", "origin", `${ref}:${ref}`], { network: "transfer" });
    return true;
  } catch (error) {
    const problem = gitProblem(`Cannot push ${branch}`, error);
    if (problem instanceof Problem) return problem.message;
    throw error;
  }
}
