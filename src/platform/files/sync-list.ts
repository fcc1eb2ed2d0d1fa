/** Makes files and directories durable together, so that a power failure does not leave one empty. */
import { closeSync, fsync, openSync, type PathLike } from "node:fs";
import { promisify } from "node:util";
import type { Exec } from "../process/exec.ts";
import { during } from "../trace/span.ts";
import { asPlainFile } from "./directory.ts";

const fsyncFd = promisify(fsync);

/** Half a second's work of a slow disk; with more, one sync of the file system is quicker. */
const openMax = 256;
const syncTimeoutMs = 5 * 60_000;

export class SyncList implements Disposable {
  readonly #fds: number[] = [];
  #tooMany = false;

  /** Opens it now, so that it is found whatever becomes of its path. */
  add(path: PathLike): void {
    if (this.#fds.length < openMax) this.#fds.push(openSync(path, asPlainFile));
    else this.#tooMany = true;
  }

  async flush(exec: Exec): Promise<void> {
    const [first] = this.#fds;
    if (this.#tooMany && first !== undefined)
      await exec(["sync", "--file-system", "/proc/self/fd/3"], { timeoutMs: syncTimeoutMs, fds: [first] });
    else await during({ name: "fsync" }, () => Promise.all(this.#fds.map((fd) => fsyncFd(fd))));
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd);
  }
}
