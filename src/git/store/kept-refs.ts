/** Refs of our own in a store: they keep commits, whatever happens to upstream's branches. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import { refsMax } from "../fetch/tip-refs.ts";
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";

const folder = "refs/gitopper/deployed/";
/** For rev-list(1). */
export const keptGlob = `--glob=${folder}*`;

type Commits = ReadonlySet<Commit>;

/** The commits that the store keeps. @throws ExecFailure */
export async function readKept(store: Store, git: Git): Promise<Commits> {
  const list = ["for-each-ref", "--format=%(refname)", `--count=${refsMax}`, folder];
  const { stdout } = await git(store, list);
  return new Set(stdout.split("\n").flatMap((ref) => parseCommit(ref.slice(folder.length)) ?? []));
}

/** Keeps these commits instead of those that it has. Returns those that the store does not have. @throws ExecFailure */
export async function keepCommits(store: Store, wanted: Commits, have: Commits, git: Git): Promise<Commits> {
  const change = (lines: readonly string[]) =>
    git(store, ["update-ref", "--stdin"], { input: lines.map((line) => `${line}\n`).join("") });
  const extra = [...have].filter((commit) => !wanted.has(commit));
  if (extra.length > 0) await change(extra.map((commit) => `delete ${folder}${commit}`));
  const missing = [...wanted].filter((commit) => !have.has(commit));
  return missing.length === 0 ? new Set() : addEach(missing, change);
}

/** All at once, or one after another when that fails, so that a missing commit does not keep the others from being kept. */
async function addEach(
  commits: readonly Commit[],
  change: (lines: readonly string[]) => Promise<unknown>,
): Promise<Commits> {
  const add = (commit: Commit) => `update ${folder}${commit} ${commit}`;
  const failed = (error: unknown) => {
    if (error instanceof ExecFailure) return true;
    throw error;
  };
  if (!(await change(commits.map(add)).then(() => false, failed))) return new Set();
  const gone = new Set<Commit>();
  for (const commit of commits) if (await change([add(commit)]).then(() => false, failed)) gone.add(commit);
  return gone;
}
