/**
 * Fills a directory while a mount covers it, so that its unmount shows all of the files at one moment. What was in the
 * directory goes to the backups first, if it is anything else. Killed at any moment, it goes on where it was.
 */
import { fchmodSync, fstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { HeldDirectory } from "../../platform/files/held-directory.ts";
import { resultOr } from "../../platform/files/write-whole.ts";
import type { Backups } from "./backups.ts";
import { moveBack, moveIn, moveOut } from "./move-entries.ts";
import type { From, Trees } from "./programs.ts";
import { assertRoom } from "./room.ts";

/** In the covered directory; only root enters it. `tree`: the copy; `old`: what was hidden; `saved`: that is in the backups. */
export const stageName = ".gitopper-release";

/** A tree that is mounted inside the directory, at a path below it. */
export interface Inside extends From {
  readonly path: string;
}

export interface Filling {
  readonly target: AbsPath;
  readonly source: From;
  readonly inside: readonly Inside[];
  readonly under: HeldDirectory;
  /** Mount points below it that were covered too. */
  readonly kept: readonly string[];
}

/** Returns where the hidden files are now; null: nothing was lost. @throws Problem, ExecFailure */
export async function fillHidden(filling: Filling, backups: Backups, trees: Trees): Promise<string | null> {
  const { target, source, under, kept } = filling;
  using stage = openStage(under, target);
  let saved = readSaved(stage);
  try {
    await copyAll(filling, stage, trees);
    if (saved === null) {
      saved = await saveOld(filling, stage, backups, trees);
      writeFileSync(stage.at("saved"), saved, { flush: true });
    } else {
      // An earlier try has put files of its own there.
      using earlier = stage.make("earlier");
      await moveOut({ from: under, to: earlier, kept }, trees, stageName);
    }
  } catch (error) {
    if (saved === null) await takeBack(filling, stage, trees);
    throw error;
  }
  using tree = stage.make("tree");
  await moveIn({ from: tree, to: under, kept }, trees);
  // Cp leaves a sticky bit of the hidden directory as it is.
  fchmodSync(under.fd, fstatSync(source.fd).mode & 0o7777);
  await trees.remove({ fd: under.fd, path: stageName });
  await trees.copyTimes(source.fd, under.fd);
  await trees.sync(under.fd);
  return saved === "" ? null : saved;
}

/** The hidden files go back, and nothing of ours remains. */
async function takeBack({ under, kept }: Filling, stage: HeldDirectory, trees: Trees): Promise<void> {
  using old = stage.make("old");
  await moveBack({ from: old, to: under, kept });
  await trees.remove({ fd: under.fd, path: stageName });
}

function openStage(under: HeldDirectory, target: AbsPath): HeldDirectory {
  resultOr(undefined, ["EEXIST"], () => mkdirSync(under.at(stageName), { mode: 0o700 }));
  const stage = under.enter(stageName);
  if (stage?.stats().uid === 0 && (stage.stats().mode & 0o077) === 0) return stage;
  stage?.[Symbol.dispose]();
  const what = `Cannot release ${JSON.stringify(target)}: ${stageName} beneath it is not gitopper's; remove it`;
  throw new Problem("host", what, { code: "path-blocked" });
}

/** Null: what was hidden is not safe yet. Empty: there was nothing to keep. */
function readSaved(stage: HeldDirectory): string | null {
  return resultOr(null, ["ENOENT"], () => readFileSync(stage.at("saved"), "utf8"));
}

async function copyAll(
  { target, source, inside, under }: Filling,
  stage: HeldDirectory,
  trees: Trees,
): Promise<void> {
  if (stage.lstat("tree")) await trees.remove({ fd: stage.fd, path: "tree" });
  let bytes = 0;
  for (const { fd } of [source, ...inside]) bytes += await trees.size(fd);
  assertRoom(under.path, bytes, target);
  await trees.copy(source, { fd: stage.fd, path: "tree" });
  // The outer ones first.
  for (const each of inside.toSorted((a, b) => a.path.length - b.path.length)) {
    const to = { fd: stage.fd, path: `tree/${each.path}` };
    await trees.remove(to);
    await trees.copy(each, to);
  }
  await trees.sync(stage.fd);
}

async function saveOld(
  { target, under, kept }: Filling,
  stage: HeldDirectory,
  backups: Backups,
  trees: Trees,
): Promise<string> {
  using old = stage.make("old");
  await moveOut({ from: under, to: old, kept }, trees, stageName);
  if (namesIn(old).length === 0) return "";
  using tree = stage.make("tree");
  const isLost = !(await trees.areAlike({ fd: old.fd, file: false }, { fd: tree.fd, file: false }));
  return isLost ? await backups.save({ fd: old.fd, file: false }, target) : "";
}

function namesIn(directory: HeldDirectory): string[] {
  return Array.from(directory.entries(), ({ name }) => name);
}
