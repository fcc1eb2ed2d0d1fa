/** Writes a file while a mount covers it, so that its unmount shows the whole new content at one moment. */
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { HeldDirectory } from "../../platform/files/held-directory.ts";
import type { Backups } from "./backups.ts";
import type { From, Trees } from "./programs.ts";
import { assertRoom } from "./room.ts";

export interface FileFilling {
  readonly target: AbsPath;
  readonly source: From;
  /** The directory of the covered file. */
  readonly under: HeldDirectory;
  readonly name: string;
}

/**
 * The covered file cannot be replaced by a rename, because it is a mount point; no process can open it, so its content is.
 * Returns where the hidden content is now; null: nothing was lost. @throws Problem, ExecFailure
 */
export async function fillHiddenFile(
  { target, source, under, name }: FileFilling,
  backups: Backups,
  trees: Trees,
): Promise<string | null> {
  using hidden = openHidden(under, name, target);
  assertRoom(under.path, fstatSync(source.fd).size, target);
  const isKept = hidden.stats.size > 0 && !(await isAlike(hidden, source, trees));
  const saved = isKept ? await backups.save({ fd: hidden.fd, file: true }, target) : null;
  await trees.copy(source, { fd: under.fd, path: name });
  await trees.sync(under.fd);
  return saved;
}

type Hidden = Disposable & { readonly fd: number; readonly stats: Stats };

function openHidden(under: HeldDirectory, name: string, target: AbsPath): Hidden {
  const fd = openSync(under.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  const hidden = { fd, stats, [Symbol.dispose]: () => closeSync(fd) };
  // Another name of the file would change with it.
  if (stats.isFile() && stats.nlink === 1) return hidden;
  hidden[Symbol.dispose]();
  const why = stats.isFile() ? "has other names, as hard links" : "is not a plain file";
  const what = `Cannot release ${JSON.stringify(target)}: the file beneath the mount ${why}`;
  throw new Problem("host", `${what}; unmount it and put a copy in its place`, { code: "path-blocked" });
}

async function isAlike({ fd, stats }: Hidden, source: From, trees: Trees): Promise<boolean> {
  const { mode, uid, gid, size } = fstatSync(source.fd);
  if (mode !== stats.mode || uid !== stats.uid || gid !== stats.gid || size !== stats.size) return false;
  return trees.areAlike({ fd, file: true }, source);
}
