/** A shell that waits on a bench host, so that a baseline's time is that of its own commands alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { repositoryRoot, type TestHost } from "../test/host/host.ts";
import { inHost } from "../test/host/machine.ts";
import { cpuMsOf } from "./cgroup-cpu.ts";

const unit = "bench-shell.service";

/** Starts a bash in a unit of its own, and waits until it answers. */
export async function startShell(host: TestHost): Promise<HostShell> {
  const argv = ["systemd-run", "--quiet", "--pipe", `--unit=${unit}`, "--", "bash", "-s"];
  const shell = new HostShell(host, spawnQuietly(inHost(host.leaderPid, argv)));
  await shell.run(":");
  return shell;
}

export class HostShell {
  readonly #host: TestHost;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #lines: AsyncIterator<string>;

  /** Use `startShell`. */
  constructor(host: TestHost, child: ChildProcess) {
    this.#host = host;
    this.#child = child;
    this.#closed = new Promise((resolve) => child.once("close", () => resolve()));
    if (child.stdout === null) throw new Error("The shell has no stdout");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs a line in a subshell to its end. @throws when it fails; what it says goes to our stderr */
  async run(line: string): Promise<void> {
    this.#child.stdin?.write(`( ${line} ) </dev/null >&2; echo "status $?"\n`);
    const { value } = await this.#lines.next();
    if (value !== "status 0") throw new Error(`"${line}" on the bench host ended with ${value}`);
  }

  /** Runs a script of bench/baseline in a subshell, without a further interpreter. */
  baseline(script: string, ...args: readonly string[]): Promise<void> {
    const path = join(repositoryRoot, "bench/baseline", script);
    return this.run(`set -- ${args.join(" ")}; . ${path}`);
  }

  /** Runs a script of bench/peers, which finds that folder in $PEERS. @throws with what it said, when it fails */
  async peer(script: string, ...args: readonly string[]): Promise<void> {
    const log = "/var/log/peer.log";
    const folder = join(repositoryRoot, "bench/peers");
    await this.run(
      `exec >${log} 2>&1; PEERS=${folder}; set -- ${args.join(" ")}; . ${folder}/${script}`,
    ).catch(async (cause: unknown) => {
      throw new Error(`${script} failed:\n${await this.#host.sh(`tail -n 40 ${log}`)}`, { cause });
    });
  }

  /** The CPU time that it and its children have used so far, in ms. */
  cpuMs(): number {
    return cpuMsOf(this.#host, unit);
  }

  async close(): Promise<void> {
    this.#child.stdin?.on("error", () => {}).end();
    await this.#closed;
  }
}

function spawnQuietly([command = "", ...args]: readonly string[]): ChildProcess {
  return spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
}
