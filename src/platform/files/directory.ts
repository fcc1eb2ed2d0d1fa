/** Directories opened by descriptor: root works in what it has looked at, whatever becomes of the path meanwhile. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  type PathLike,
  type Stats,
} from "node:fs";
import { Problem } from "../../model/problem.ts";
import { decodePath, showPath } from "../../model/text/path-bytes.ts";
import { inBatches, type YieldToEventLoop } from "../yield-to-event-loop.ts";
import { listDirectory } from "./list-directory.ts";
import { hasCode } from "./write-whole.ts";

/** Null: as it is. */
export interface Attributes {
  readonly mode: number | null;
  readonly gid: number | null;
}

/** From <sys/stat.h>: what is made in such a directory gets its group. */
const setGroupId = 0o2000;

const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** For the content of a file that somebody else may swap for a pipe or a symlink. */
export const asPlainFile = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A directory and the way down from it, which no symlink can lead elsewhere: all is on one device and belongs to one
 * user. Names are strings with one character a byte (latin1), for those of git need not be UTF-8.
 */
export class Directory implements Disposable {
  readonly fd: number;
  readonly device: number;
  readonly #owner: number;
  readonly #shown: string;

  private constructor(path: PathLike, shown: string, owner: number) {
    this.fd = openSync(path, asDirectory);
    const { dev, uid } = fstatSync(this.fd);
    this.device = dev;
    this.#owner = owner;
    this.#shown = shown;
    // Where git runs as root it may write anywhere.
    if (uid === owner || owner === 0) return;
    closeSync(this.fd);
    const what = `Cannot write in ${JSON.stringify(shown)}`;
    throw new Problem("host", `${what}: it does not belong to the service's user; change its owner`, {
      code: "path-blocked",
    });
  }

  /** Symlinks on the way to `path` are followed, and one at its end is not. @throws Problem */
  static open(path: string, owner: number): Directory {
    return new Directory(path, path, owner);
  }

  /** Null where no directory is, or a symlink to one. @throws Problem where another file system begins */
  enter(name: string): Directory | null {
    if (!this.look(name)?.isDirectory()) return null;
    const shown = `${this.#shown}/${toText(name)}`;
    const inner = openOrNull(() => new Directory(this.at(name), shown, this.#owner));
    if (inner === null || inner.device === this.device) return inner;
    inner[Symbol.dispose]();
    const what = `Cannot write in ${JSON.stringify(shown)}`;
    throw new Problem("host", `${what}: something is mounted there; unmount it`, { code: "path-blocked" });
  }

  /** A path to what has this name here. */
  at(name: string): Buffer {
    return Buffer.from(`/proc/self/fd/${this.fd}/${name}`, "latin1");
  }

  /** All that is in it now; it may change while they are gone through. */
  async names(yieldToEventLoop: YieldToEventLoop): Promise<string[]> {
    const names: string[] = [];
    for await (const batch of inBatches(listDirectory(`/proc/self/fd/${this.fd}`), yieldToEventLoop))
      for (const { entry } of batch) names.push(entry.name);
    return names;
  }

  /** What has this name here; undefined where nothing has. */
  look(name: string): Stats | undefined {
    return lstatSync(this.at(name), { throwIfNoEntry: false });
  }

  /** Gives this very directory a mode and a group. */
  give(given: Attributes): void {
    give(this.fd, this.#owner, given);
  }

  /** Gives them to the plain file of that name. */
  giveFile(name: string, given: Attributes): void {
    const fd = openSync(this.at(name), asPlainFile);
    try {
      give(fd, this.#owner, given);
    } finally {
      closeSync(fd);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** What is not the owner's may be a link to a file elsewhere, and stays as it is. */
function give(fd: number, owner: number, { mode, gid }: Attributes): void {
  const seen = fstatSync(fd);
  if (seen.uid !== owner) return;
  // The mode last: a change of owner or group takes bits away.
  if (gid !== null && seen.gid !== gid) fchownSync(fd, owner, gid);
  if (mode !== null) fchmodSync(fd, mode | (seen.isDirectory() ? seen.mode & setGroupId : 0));
}

function openOrNull(open: () => Directory): Directory | null {
  try {
    return open();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return null;
    throw error;
  }
}

/** A name of a `Directory`, for people. */
export function toText(name: string): string {
  return showPath(decodePath(Buffer.from(name, "latin1")));
}
