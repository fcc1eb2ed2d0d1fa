/** Directories of one user: root works only where that user may work, whatever the user does there meanwhile. */
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, type PathLike } from "node:fs";
import { Problem } from "../../model/problem.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import { inBatches, type YieldToEventLoop } from "../yield-to-event-loop.ts";
import { HeldDirectory } from "./held-directory.ts";
import { resultOr } from "./write-whole.ts";

/** Null: unchanged. */
export interface Attributes {
  readonly mode: number | null;
  readonly gid: number | null;
}

/** From <sys/stat.h>: new entries of such a directory get its group. */
const setGroupId = 0o2000;

/** For reading a file that another user may swap for a pipe or a symlink. */
export const asPlainFile = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A directory and the directories below it: all are on one device and belong to one user. */
export class Directory extends HeldDirectory {
  readonly #device: number;
  readonly #owner: number;
  readonly #shown: string;

  private constructor(path: PathLike, shown: string, owner: number) {
    super(path);
    const { dev, uid } = this.stats();
    this.#device = dev;
    this.#owner = owner;
    this.#shown = shown;
    // When git runs as root it may write anywhere.
    if (uid === owner || owner === 0) return;
    this[Symbol.dispose]();
    const why = "it does not belong to the service's user; change its owner";
    throw new Problem("host", `Cannot write in ${JSON.stringify(shown)}: ${why}`, { code: "path-blocked" });
  }

  /** Follows symlinks on the way to `path`, but not at its end. @throws Problem */
  static open(path: string, owner: number): Directory {
    return new Directory(path, path, owner);
  }

  /** Null: not a directory, or a symlink to one. @throws Problem when it is on another file system */
  override enter(name: string): Directory | null {
    if (!this.lstat(name)?.isDirectory()) return null;
    const shown = `${this.#shown}/${showPath(name)}`;
    const missing = ["ENOENT", "ENOTDIR", "ELOOP"];
    const inner = resultOr(null, missing, () => new Directory(this.at(name), shown, this.#owner));
    if (inner === null || inner.#device === this.#device) return inner;
    inner[Symbol.dispose]();
    const what = `Cannot write in ${JSON.stringify(shown)}`;
    throw new Problem("host", `${what}: something is mounted there; unmount it`, { code: "path-blocked" });
  }

  /** The names of all entries; they may change during the iteration. */
  async names(yieldToEventLoop: YieldToEventLoop): Promise<string[]> {
    const names: string[] = [];
    for await (const batch of inBatches(this.entries(), yieldToEventLoop))
      for (const { name } of batch) names.push(name);
    return names;
  }

  /** Sets mode and group of this directory. */
  give(given: Attributes): void {
    give(this.fd, this.#owner, given);
  }

  /** Sets mode and group of the regular file of that name. */
  giveFile(name: string, given: Attributes): void {
    const fd = openSync(this.at(name), asPlainFile);
    try {
      give(fd, this.#owner, given);
    } finally {
      closeSync(fd);
    }
  }
}

/** A file of another owner may be a hard link to a file elsewhere, and is left alone. */
function give(fd: number, owner: number, { mode, gid }: Attributes): void {
  const seen = fstatSync(fd);
  if (seen.uid !== owner) return;
  // The mode last, because a change of owner or group clears bits.
  if (gid !== null && seen.gid !== gid) fchownSync(fd, owner, gid);
  if (mode !== null) fchmodSync(fd, mode | (seen.isDirectory() ? seen.mode & setGroupId : 0));
}
