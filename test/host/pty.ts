/** A program at a terminal of a host, and the person in front of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import type { TestHost } from "./host.ts";
import { inHost } from "./machine.ts";
import { poll } from "./poll.ts";

/** Starts a shell command at a terminal with 80 columns. `await using` ends it. */
export function atTerminal(host: TestHost, command: string): TerminalSession {
  const script = ["script", "--quiet", "--return", "--command", `stty cols 80; exec ${command}`, "/dev/null"];
  const argv = inHost(host.leaderPid, ["env", "HOME=/root", "TERM=xterm", ...script]);
  return new TerminalSession(spawn(argv[0] ?? "", argv.slice(1), { stdio: ["pipe", "pipe", "inherit"] }));
}

export class TerminalSession {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  /** All that was shown, without control characters. */
  shown = "";
  #seenTo = 0;

  /** Use `atTerminal`. */
  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.shown += stripVTControlCharacters(text);
    });
  }

  /** Waits until this is shown, after what was waited for before. */
  async until(text: string): Promise<void> {
    await poll(
      () => this.shown.indexOf(text, this.#seenTo),
      (at) => at >= 0,
      { everyMs: 20, timeoutMs: 30_000, failure: () => `"${text}" is not shown:\n${this.shown}` },
    );
    this.#seenTo = this.shown.indexOf(text, this.#seenTo) + text.length;
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Its exit status, when it has ended. */
  async status(): Promise<number> {
    return Number((await this.#ended)[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}
