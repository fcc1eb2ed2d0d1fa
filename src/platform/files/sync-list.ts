/** Makes files and directories durable together, so that a power failure leaves none of them empty. */
import { closeSync, fsync, openSync, type PathLike } from "node:fs";
import { promisify } from "node:util";
import type { Exec } from "../process/exec.ts";
import { during } from "../trace/span.ts";
import { asPlainFile } from "./directory.ts";

const fsyncFd = promisify(fsync);

/** About half a second of work for a slow disk; beyond it one sync of the file system is faster. */
const openMax = 256;
const syncTimeoutMs = 5 * 60_000;

export class SyncList implements Disposable {
  readonly #fds: number[] = [];
  #tooMany = false;

  /** Opens the file now, so that it is synced even if its path changes. */
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
