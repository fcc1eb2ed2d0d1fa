/** A FIFO that units write to when systemd starts or reloads them, so that the bench knows the moment. */
import { execFileSync } from "node:child_process";
import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";

export interface Ping {
  /** `start app007` or `reload app007`. */
  readonly text: string;
  /** By `performance.now()`. */
  readonly atMs: number;
}

const timeoutMs = 5 * 60_000;

export class Pings {
  readonly #fifo: Socket;
  #seen: Ping[] = [];
  #onPing: () => void = () => {};

  /** Makes the FIFO `pings` in `dir`. */
  constructor(dir: string) {
    const path = join(dir, "pings");
    execFileSync("mkfifo", [path]);
    // For both directions: a FIFO without any writer ends.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#fifo = new Socket({ fd, readable: true, writable: false });
    this.#fifo.setEncoding("utf8").on("data", (chunk: string) => this.#take(chunk));
  }

  /** Forgets all pings so far. */
  clear(): void {
    this.#seen = [];
  }

  /** All since `clear`. */
  get seen(): readonly Ping[] {
    return this.#seen;
  }

  /** Resolves at the `count`th ping since `clear` whose text starts so. @throws after five minutes */
  async until(start: string, count = 1): Promise<Ping> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const ping = this.#seen.filter(({ text }) => text.startsWith(start))[count - 1];
      if (ping !== undefined) return ping;
      if (performance.now() > deadline) throw new Error(`No ${count} pings "${start}" in ${timeoutMs} ms`);
      await this.#next();
    }
  }

  close(): void {
    this.#fifo.destroy();
  }

  /** The next ping, or one second without any. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#onPing = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Each line is one write of less than PIPE_BUF bytes, so lines do not mix (pipe(7)). */
  #take(chunk: string): void {
    const atMs = performance.now();
    for (const text of chunk.split("\n")) if (text !== "") this.#seen.push({ text, atMs });
    this.#onPing();
  }
}
