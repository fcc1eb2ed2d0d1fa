/**
 * Publishes staged files into the checkout by rename(2): a reader finds the whole old or the whole new file. Only when a
 * file replaces a directory, or the reverse, the path is missing for a moment.
 */
import { renameSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import { Directory } from "../../platform/files/directory.ts";
import { SyncList } from "../../platform/files/sync-list.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { inBatches, type YieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import type { Access } from "./access.ts";
import { sameFile } from "./same-file.ts";
import { giveDirectory, type Staged } from "./stage.ts";

interface PublishTarget {
  readonly checkout: AbsPath;
  readonly account: Account;
}

type Publishable = Pick<Staged, "tree" | "trash" | "removed"> & Partial<Pick<Staged, "access">>;

interface Tools {
  readonly exec: Exec;
  /** Called before each entry; see `createYieldToEventLoop`. */
  readonly yieldToEventLoop: YieldToEventLoop;
}

/**
 * Changed files come first, then deletions, then empty directories; untracked files stay. Returns the changed
 * directories, which the caller makes durable. @throws Problem
 */
export function publishStage(where: PublishTarget, staged: Publishable, tools: Tools): Promise<SyncList> {
  return publish(where, staged, tools).catch((error: unknown) => {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const why = error.message.replaceAll(/\/proc\/self\/fd\/\d+\//g, "…/");
    const what = `Cannot publish to ${JSON.stringify(where.checkout)}`;
    throw new Problem("host", `${what}: ${why}`, { cause: error });
  });
}

async function publish(
  { checkout, account }: PublishTarget,
  { tree, trash, removed, access = [] }: Publishable,
  { exec, yieldToEventLoop }: Tools,
): Promise<SyncList> {
  using live = Directory.open(checkout, account.uid);
  using staged = Directory.open(tree, account.uid);
  using away = Directory.open(trash, account.uid);
  using written = new SyncList();
  using undo = new DisposableStack();
  const changed = undo.use(new SyncList());
  let inTrash = (await away.names(yieldToEventLoop)).length;
  const toTrash = () => away.at(String(inTrash++));
  const work = { access, written, changed, toTrash, yieldToEventLoop };
  await thin(staged, live, "", work);
  await written.flush(exec);
  await move(staged, live, work);
  await remove(live, removed, work);
  undo.move();
  return changed;
}

interface Publishing {
  readonly access: readonly Access[];
  /** The files that are new or differ. */
  readonly written: SyncList;
  /** The directories that have other entries now. */
  readonly changed: SyncList;
  /** An unused path in the trash, for what is in the way. */
  readonly toTrash: () => Buffer;
  readonly yieldToEventLoop: YieldToEventLoop;
}

/**
 * Removes from the stage what the checkout has already, so that those files keep their inodes. Directories of the
 * checkout get their modes and groups before new files are in them. `above`: the path with a slash at its end.
 */
async function thin(
  staged: Directory,
  live: Directory | null,
  above: string,
  work: Publishing,
): Promise<void> {
  for (const name of await staged.names(work.yieldToEventLoop)) {
    await work.yieldToEventLoop();
    using inner = staged.enter(name);
    using match = live?.enter(name) ?? null;
    if (inner !== null) {
      const path = `${above}${showPath(name)}`;
      await thin(inner, match, `${path}/`, work);
      if (match !== null) giveDirectory(match, path, work.access);
      if (match !== null) staged.removeEmpty(name);
    } else if (live !== null && (await sameFile(staged, live, name, work.yieldToEventLoop))) {
      staged.unlink(name);
    } else if (staged.lstat(name)?.isFile()) {
      work.written.add(staged.at(name));
    }
  }
}

async function move(staged: Directory, live: Directory, work: Publishing): Promise<void> {
  let moved = false;
  for (const name of await staged.names(work.yieldToEventLoop)) {
    await work.yieldToEventLoop();
    using inner = staged.enter(name);
    using match = inner && live.enter(name);
    if (inner !== null && match !== null) {
      await move(inner, match, work);
      staged.removeEmpty(name);
      continue;
    }
    const there = live.lstat(name);
    if (there !== undefined && (inner !== null || there.isDirectory()))
      renameSync(live.at(name), work.toTrash());
    renameSync(staged.at(name), live.at(name));
    moved = true;
  }
  if (moved) work.changed.add(`${live.path}/.`);
}

async function remove(live: Directory, paths: readonly string[], work: Publishing): Promise<void> {
  const files = new Map<string, string[]>();
  for await (const batch of inBatches(paths, work.yieldToEventLoop)) {
    for (const path of batch) {
      const parent = dirname(path);
      const names = files.get(parent);
      if (names) names.push(basename(path));
      else files.set(parent, [basename(path)]);
    }
  }
  for (const [parent, names] of files)
    await removeBelow(live, parent === "." ? [] : parent.split("/"), names, work);
}

/** Removes the files, and every directory that becomes empty. */
async function removeBelow(
  directory: Directory,
  [next, ...way]: readonly string[],
  names: readonly string[],
  work: Publishing,
): Promise<void> {
  if (next === undefined) {
    for await (const batch of inBatches(names, work.yieldToEventLoop))
      for (const name of batch) removeFile(directory, name);
    work.changed.add(`${directory.path}/.`);
    return;
  }
  using inner = directory.enter(next);
  if (inner === null) return;
  await removeBelow(inner, way, names, work);
  // A mount point, or a directory with untracked files, stays.
  directory.removeEmpty(next);
}

// The commit has a directory of this name now.
function removeFile(directory: Directory, name: string): void {
  const there = directory.lstat(name);
  if (there !== undefined && !there.isDirectory()) directory.unlink(name);
}
