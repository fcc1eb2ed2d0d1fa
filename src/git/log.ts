/** What commits say, and what differs between them, for people. */
import { type Commit, parseCommit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import { ExecFailure, isOverflow } from "../platform/exec.ts";
import { type Git, gitProblem } from "./git.ts";
import type { Store } from "./store.ts";
import { pathspecs } from "./trees.ts";

export interface CommitInfo {
  readonly commit: Commit;
  readonly subject: string;
  readonly author: string;
  readonly committedAt: Date;
}

const format = "--format=%H%x00%ct%x00%an%x00%s";

/** @throws ExecFailure where the store does not have it */
export async function commitInfo(store: Store, commit: Commit, git: Git): Promise<CommitInfo | null> {
  const { stdout } = await git({ store: store.path }, ["log", "--no-walk", format, commit, "--"], store);
  return parseInfos(stdout)[0] ?? null;
}

/** The commits of `to` that `from` has not and that touch the paths, newest first; one more than `max` tells that there are more. */
export async function commitsBetween(
  store: Store,
  range: { readonly from: Commit | null; readonly to: Commit; readonly paths: readonly RepoPath[] },
  max: number,
  git: Git,
): Promise<CommitInfo[]> {
  const { from, to } = range;
  const revisions = from === null ? [to] : [to, `^${from}`];
  const args = ["log", `--max-count=${max + 1}`, format, ...revisions, "--", ...pathspecs(range.paths)];
  return parseInfos((await git({ store: store.path }, args, store)).stdout);
}

/** How many commits of `to` touch the paths and are not in `from`. */
export async function countBetween(
  store: Store,
  range: { readonly from: Commit; readonly to: Commit; readonly paths: readonly RepoPath[] },
  git: Git,
): Promise<number> {
  const args = ["rev-list", "--count", range.to, `^${range.from}`, "--", ...pathspecs(range.paths)];
  return Number((await git({ store: store.path }, args, store)).stdout.trim());
}

/** Git's id of a tree with nothing in it, which it knows without having it (SHA-1, SHA-256). */
export const emptyTree: Readonly<Record<number, string>> = {
  40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

const diffMaxBytes = 1024 * 1024;

/** The patch between two commits at these paths; where it is too large, the names of the files alone. @throws Problem */
export async function diffBetween(
  store: Store,
  range: { readonly from: Commit | null; readonly to: Commit; readonly paths: readonly RepoPath[] },
  git: Git,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const from = range.from ?? emptyTree[range.to.length] ?? "";
  const options = { account: store.account, network: true, signal, stdoutMaxBytes: diffMaxBytes };
  const run = async (...kind: readonly string[]) => {
    const args = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", ...kind, from, range.to, "--"];
    return (await git({ store: store.path }, [...args, ...pathspecs(range.paths)], options)).stdout;
  };
  try {
    return { text: await run("--patch"), truncated: false };
  } catch (error) {
    if (!isOverflow(error)) throw gitProblem("Cannot compare the commits", error);
  }
  const names = await run("--name-status", "--no-renames").catch((error: unknown) => {
    throw gitProblem("Cannot compare the commits", error);
  });
  return { text: names, truncated: true };
}

const probeTimeoutMs = 8_000;

/** Whether the upstream answers, and git's word when it does not. */
export async function probeUpstream(store: Store, git: Git): Promise<string | null> {
  const options = { account: store.account, network: true, timeoutMs: probeTimeoutMs };
  try {
    await git({ store: store.path }, ["ls-remote", "--quiet", "origin", "HEAD"], options);
    return null;
  } catch (error) {
    if (error instanceof ExecFailure) return error.telling;
    throw error;
  }
}

function parseInfos(text: string): CommitInfo[] {
  return text.split("\n").flatMap((line) => {
    const [id = "", seconds, author = "", subject = ""] = line.split("\0");
    const commit = parseCommit(id);
    return commit === null
      ? []
      : [{ commit, subject, author, committedAt: new Date(Number(seconds) * 1000) }];
  });
}
