/** Stages a commit: git writes its files beside the checkout, where no service reads them yet. */
import { fchmodSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import { Refusal } from "../../model/problem.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import { Directory } from "../../platform/files/directory.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { createYieldToEventLoop, type YieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import { type Git, gitProblem } from "../git.ts";
import { requiredGitDir } from "../store/pointer.ts";
import type { CheckoutInStore } from "../types.ts";
import { type Access, accessAt, type CheckoutWithAccess, directoryMode, fileMode } from "./access.ts";
import { writesMaxMs } from "./checkout.ts";
import { stagedIndex } from "./refresh-index.ts";
import { removedPaths } from "./removed-paths.ts";
import { makeStage, removeStage, type Stage } from "./stage-directory.ts";

/** Returns why a symlink of the repository is refused; null: it is allowed. */
export type JudgeSymlink = (path: string, target: string) => string | null;

export interface Candidate {
  readonly commit: Commit;
  /** Stage all of the sparse tree, not only what differs from HEAD. */
  readonly whole: boolean;
  /** Commits of which an interrupted checkout may have files. */
  readonly ours: readonly Commit[];
  /** The commit that the checkout has completely, whatever its HEAD says; null: none, so the whole tree is needed. */
  readonly base: Commit | null;
}

export interface Staged extends Stage {
  readonly commit: Commit;
  readonly whole: boolean;
  /** What the commit no longer has, as `decodePath` returns it. */
  readonly removed: readonly string[];
  /** The files have these modes and groups already. */
  readonly access: readonly Access[];
}

interface Tools {
  readonly git: Git;
  readonly exec: Exec;
  readonly judgeSymlink: JudgeSymlink;
  /** Fetches the missing files that differ from the base, or all of them. @throws Problem */
  readonly bring: (base: Commit | null) => Promise<void>;
}

/** Does all network work, in `bring`; the checkout does not change. @throws Problem; Refusal when the commit has a file that is not allowed */
export async function stageCommit(
  { store, checkout, access = [] }: CheckoutWithAccess,
  candidate: Candidate,
  { git, exec, judgeSymlink, bring }: Tools,
): Promise<Staged> {
  const { account } = store;
  const stage = await makeStage(checkout, account, exec);
  try {
    const whole = await fill({ store, checkout, stage }, candidate, { git, bring });
    await inspectTree({ tree: stage.tree, owner: account.uid, access }, judgeSymlink);
    const removed = await removedPaths({ store, checkout }, candidate, git);
    return { ...stage, commit: candidate.commit, whole, removed, access };
  } catch (error) {
    await removeStage(stage, account, exec).catch(() => {});
    throw gitProblem(`Cannot stage ${candidate.commit} for ${JSON.stringify(checkout)}`, error);
  }
}

/** Git's message when the index differs from HEAD, as after a manual `git add`. */
const unmerged = /would be overwritten|cannot merge|not uptodate/i;

/** Returns whether all of the commit is staged. */
async function fill(
  filling: CheckoutInStore & { readonly stage: Stage },
  candidate: Candidate,
  tools: Pick<Tools, "git" | "bring">,
): Promise<boolean> {
  const { checkout, stage } = filling;
  const { commit, base } = candidate;
  const whole = candidate.whole || base === null;
  await tools.bring(whole ? null : base);
  // In the same directory as the other index, because git renames what it has written.
  const index = join(requiredGitDir(checkout), stagedIndex);
  // Files that are missing in the work tree count as unchanged, so git writes only what differs.
  const way = whole ? ["--reset", "-u", commit] : ["-m", "-u", base, commit];
  try {
    await tools.git(filling, ["read-tree", `--index-output=${index}`, ...way], {
      timeoutMs: writesMaxMs,
      env: { GIT_WORK_TREE: stage.tree },
    });
    return whole;
  } catch (error) {
    if (whole || !(error instanceof ExecFailure) || !unmerged.test(error.stderr)) throw error;
    return fill(filling, { ...candidate, whole: true }, tools);
  }
}

/**
 * Sets modes and groups in the tree.
 * @throws Refusal for a symlink that is not allowed, or an entry that git does not write
 */
export async function inspectTree(
  { tree, owner, access }: Pick<Staged, "tree" | "access"> & { readonly owner: number },
  judgeSymlink: JudgeSymlink,
): Promise<void> {
  using top = Directory.open(tree, owner);
  const judge = (path: string, seen: Stats | undefined, at: Buffer) => {
    if (!seen?.isSymbolicLink())
      throw new Refusal(`${JSON.stringify(path)} is no file, directory or symlink`);
    const fault = judgeSymlink(path, readlinkSync(at, "utf8"));
    if (fault !== null) throw new Refusal(fault);
  };
  await giveBelow(top, "", { access, judge, yieldToEventLoop: createYieldToEventLoop() });
}

const [open, closed] = [0o755, 0o700];

/**
 * Lets git write files directly into a checkout, and sets modes and groups before other users can see the files. Not for
 * files that are mounted from the checkout, which are always visible. @throws as `work`
 */
export async function whileHidden(
  { store, checkout, access = [] }: CheckoutWithAccess,
  work: () => Promise<void>,
): Promise<void> {
  using top = Directory.open(checkout, store.account.uid);
  fchmodSync(top.fd, closed);
  await work();
  // On a failure it stays closed; the next attempt opens it.
  const how = { access, judge: () => {}, skipped: ".git", yieldToEventLoop: createYieldToEventLoop() };
  await giveBelow(top, "", how);
  fchmodSync(top.fd, open);
}

interface Giving extends Pick<Staged, "access"> {
  /** Called for an entry that is neither a file nor a directory; may throw. */
  readonly judge: (path: string, seen: Stats | undefined, at: Buffer) => void;
  /** A path that is left as it is. */
  readonly skipped?: string;
  readonly yieldToEventLoop: YieldToEventLoop;
}

/** Sets modes and groups below the directory; those of a directory after those in it. */
async function giveBelow(directory: Directory, prefix: string, how: Giving): Promise<void> {
  for (const name of await directory.names(how.yieldToEventLoop)) {
    await how.yieldToEventLoop();
    const path = prefix + showPath(name);
    if (path === how.skipped) continue;
    const seen = directory.lstat(name);
    if (seen?.isDirectory()) {
      using inner = directory.enter(name);
      if (inner === null) continue;
      await giveBelow(inner, `${path}/`, how);
      giveDirectory(inner, path, how.access);
    } else if (seen?.isFile())
      giveFile(directory, name, (seen.mode & 0o100) !== 0, accessAt(path, how.access));
    else how.judge(path, seen, directory.at(name));
  }
}

function giveFile(directory: Directory, name: string, executable: boolean, given: Access | null): void {
  if (given === null) return;
  const { mode, gid } = given;
  directory.giveFile(name, { gid, mode: mode === null ? null : fileMode(mode, executable) });
}

/** Sets mode and group if the config has them. */
export function giveDirectory(directory: Directory, path: string, access: readonly Access[]): void {
  const given = accessAt(path, access);
  if (given === null) return;
  const { mode, gid } = given;
  directory.give({ gid, mode: mode === null ? null : directoryMode(mode) });
}
