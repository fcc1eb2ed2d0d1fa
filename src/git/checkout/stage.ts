/** Stages a commit: git writes its files beside the checkout, where nobody reads them yet. */
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem, Refusal } from "../../model/problem.ts";
import { Directory, toText } from "../../platform/files/directory.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { createYieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import { type Git, gitProblem } from "../git.ts";
import { gitDirOf } from "../store/pointer.ts";
import type { Store } from "../types.ts";
import { type Access, accessAt, directoryMode, fileMode } from "./access.ts";
import { writesMaxMs } from "./checkout.ts";
import { stagedIndex } from "./refresh-index.ts";
import { type Indexes, removedPaths } from "./removed.ts";
import { makeStage, removeStage, type Stage } from "./stage-place.ts";

/** A symlink of the repository that leads where it may not: why not; null: it may. */
export type JudgeSymlink = (path: string, target: string) => string | null;

export interface Candidate {
  readonly commit: Commit;
  /** All of the sparse tree, not only what differs from HEAD. */
  readonly whole: boolean;
  /** What else a checkout that was cut off may have files of. */
  readonly ours: readonly Commit[];
  /** What the checkout has as a whole, whatever its HEAD says; null: nothing, so that all of the tree is needed. */
  readonly base: Commit | null;
}

export interface Staged extends Stage {
  readonly commit: Commit;
  readonly whole: boolean;
  /** What the commit does not have any more, as names of a `Directory` with slashes between. */
  readonly removed: readonly string[];
  /** Its files have these modes and groups already. */
  readonly access: readonly Access[];
}

interface StageTarget {
  readonly store: Store;
  readonly checkout: AbsPath;
  readonly access?: readonly Access[];
}

interface Tools {
  readonly git: Git;
  readonly exec: Exec;
  readonly judgeSymlink: JudgeSymlink;
  /** Has the store get what it does not have of the files that differ from the base, or of all. @throws Problem */
  readonly bring: (base: Commit | null) => Promise<void>;
}

/** All network work is done here, by `bring`; the checkout stays as it is. @throws Problem; Refusal where no file may be such */
export async function stageCommit(
  { store, checkout, access = [] }: StageTarget,
  candidate: Candidate,
  { git, exec, judgeSymlink, bring }: Tools,
): Promise<Staged> {
  const { account } = store;
  const stage = await makeStage(checkout, account, exec);
  try {
    const indexes = indexesOf(checkout);
    const whole = await fill({ store, checkout, stage, index: indexes.staged }, candidate, { git, bring });
    await inspectTree({ tree: stage.tree, owner: account.uid, access }, judgeSymlink);
    const removed = await removedPaths({ store, checkout }, candidate, indexes, git);
    return { ...stage, commit: candidate.commit, whole, removed, access };
  } catch (error) {
    await removeStage(stage, account, exec).catch(() => {});
    throw gitProblem(`Cannot stage ${candidate.commit} for ${JSON.stringify(checkout)}`, error);
  }
}

/** What git says when the index is not as HEAD has it, as after a `git add` of somebody's. */
const unmerged = /would be overwritten|cannot merge|not uptodate/i;

interface Filling {
  readonly store: Store;
  readonly checkout: AbsPath;
  readonly stage: Stage;
  readonly index: string;
}

/** Answers whether all of the commit is staged. */
async function fill(
  filling: Filling,
  candidate: Candidate,
  tools: Pick<Tools, "git" | "bring">,
): Promise<boolean> {
  const { store, checkout, stage, index } = filling;
  const { commit, base } = candidate;
  const whole = candidate.whole || base === null;
  await tools.bring(whole ? null : base);
  // A file that is missing in a work tree counts as unchanged, so git writes only what differs.
  const way = whole ? ["--reset", "-u", commit] : ["-m", "-u", base, commit];
  try {
    await tools.git({ checkout }, ["read-tree", `--index-output=${index}`, ...way], {
      account: store.account,
      timeoutMs: writesMaxMs,
      env: { GIT_WORK_TREE: stage.tree },
    });
    return whole;
  } catch (error) {
    if (whole || !(error instanceof ExecFailure) || !unmerged.test(error.stderr)) throw error;
    return fill(filling, { ...candidate, whole: true }, tools);
  }
}

/** Side by side, for git renames the one that it writes from beside the other. */
function indexesOf(checkout: AbsPath): Indexes {
  const gitDir = gitDirOf(checkout);
  if (gitDir === null)
    throw new Problem("git", `${JSON.stringify(checkout)} has lost the file that names its git directory`, {
      code: "store-damaged",
    });
  return { live: join(gitDir, "index"), staged: join(gitDir, stagedIndex) };
}

interface Inspected {
  readonly tree: AbsPath;
  readonly owner: number;
  readonly access: readonly Access[];
}

interface Inspecting extends Pick<Inspected, "access"> {
  readonly judgeSymlink: JudgeSymlink;
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Gives what is in the tree its modes and groups.
 * @throws Refusal where there is a symlink that may not be, or what git does not write
 */
export async function inspectTree(
  { tree, owner, access }: Inspected,
  judgeSymlink: JudgeSymlink,
): Promise<void> {
  using top = Directory.open(tree, owner);
  await inspect(top, "", { access, judgeSymlink, yieldToEventLoop: createYieldToEventLoop() });
}

async function inspect(directory: Directory, prefix: string, how: Inspecting): Promise<void> {
  for (const name of await directory.names(how.yieldToEventLoop)) {
    await how.yieldToEventLoop();
    const path = prefix + toText(name);
    const seen = directory.look(name);
    if (seen?.isSymbolicLink()) {
      const fault = how.judgeSymlink(path, readlinkSync(directory.at(name), "utf8"));
      if (fault !== null) throw new Refusal(fault);
    } else if (seen?.isDirectory()) {
      using inner = directory.enter(name);
      if (inner === null) continue;
      await inspect(inner, `${path}/`, how);
      giveDirectory(inner, path, how.access);
    } else if (!seen?.isFile()) {
      throw new Refusal(`${JSON.stringify(path)} is no file, directory or symlink`);
    } else giveFile(directory, name, { path, executable: (seen.mode & 0o100) !== 0, access: how.access });
  }
}

/** Where the config says something of it. */
export function giveFile(
  directory: Directory,
  name: string,
  { path, executable, access }: Pick<Inspected, "access"> & { path: string; executable: boolean },
): void {
  const given = accessAt(path, access);
  if (given === null) return;
  const { mode, gid } = given;
  directory.giveFile(name, { gid, mode: mode === null ? null : fileMode(mode, executable) });
}

/** Where the config says something of it. */
export function giveDirectory(directory: Directory, path: string, access: readonly Access[]): void {
  const given = accessAt(path, access);
  if (given === null) return;
  const { mode, gid } = given;
  directory.give({ gid, mode: mode === null ? null : directoryMode(mode) });
}
