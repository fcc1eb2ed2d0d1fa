/** Directories held open, whoever owns them: no other user can swap them while root works in them. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type PathLike,
  readFileSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { encodePath } from "../../model/text/path-bytes.ts";
import { type Listed, listDirectory } from "./list-directory.ts";
import { resultOr } from "./write-whole.ts";

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Names are as `decodePath` returns them, because names in git need not be UTF-8. */
export class HeldDirectory implements Disposable {
  readonly fd: number;

  protected constructor(path: PathLike) {
    this.fd = openSync(path, flags);
  }

  /** Null: missing, or a symlink; symlinks in the parents are followed. */
  static find(path: PathLike): HeldDirectory | null {
    const missing = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENAMETOOLONG"];
    return resultOr(null, missing, () => new HeldDirectory(path));
  }

  /** Walks down from here through directories only; null: one of them is missing. `.` is this one. */
  static below(top: string, path: string): HeldDirectory | null {
    let here = HeldDirectory.find(top);
    for (const name of partsOf(path)) {
      if (here === null) return null;
      using above = here;
      here = above.enter(name);
    }
    return here;
  }

  /** A path to this directory for as long as it is open, even if it is renamed. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** Null: no directory has that name. */
  enter(name: string): HeldDirectory | null {
    return HeldDirectory.find(this.at(name));
  }

  /** The directory of that name; made, for its owner alone, if it is missing. @throws Error when something else is there */
  make(name: string): HeldDirectory {
    resultOr(undefined, ["EEXIST"], () => mkdirSync(this.at(name), { mode: 0o700 }));
    const made = this.enter(name);
    if (made === null) throw new Error(`Not a directory: ${name}`);
    return made;
  }

  stats(): Stats {
    return fstatSync(this.fd);
  }

  lstat(name: string): Stats | undefined {
    return lstatSync(this.at(name), { throwIfNoEntry: false });
  }

  /** The entries, unordered, read lazily. */
  entries(): Iterable<Listed> {
    return listDirectory(this.path);
  }

  /** The kernel's id of its mount; see proc(5), fdinfo. */
  mountId(): string {
    return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${this.fd}`, "utf8"))?.[1] ?? "";
  }

  /** Removes a file or a symlink. */
  unlink(name: string): void {
    unlinkSync(this.at(name));
  }

  /** Returns whether it is gone; a directory with entries stays. */
  removeEmpty(name: string): boolean {
    return resultOr(false, ["ENOTEMPTY", "ENOENT", "ENOTDIR", "EBUSY"], () => {
      rmdirSync(this.at(name));
      return true;
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }

  /** A path to the entry of this name. */
  at(name: string): Buffer {
    if (name === "" || name === "." || name === ".." || name.includes("/"))
      throw new Error(`Not a name in a directory: ${JSON.stringify(name)}`);
    return encodePath(`${this.path}/${name}`);
  }
}

/** The names in the path; none for `.`. */
export function partsOf(path: string): string[] {
  return path === "." || path === "" ? [] : path.split("/");
}
