/** A program that runs in a host without a unit around it, so that a test can kill it at any moment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { TestHost } from "./host.ts";
import { inHost } from "./machine.ts";
import { poll } from "./poll.ts";

export interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HostProcess {
  /** As this machine numbers it. */
  readonly pid: number;
  /** Resolves when it is gone and its output is complete. */
  readonly ended: Promise<Ended>;
  /** All that it has written so far, stdout and stderr alike. */
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends it and everything that it runs at the same moment, as a kill of its cgroup does. */
  readonly killTree: () => void;
}

/** Starts a program in a host; the test has to end it. */
export async function startInHost(host: TestHost, argv: readonly string[]): Promise<HostProcess> {
  const [program = "", ...args] = inHost(host.leaderPid, argv);
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };
  const nsenter = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [nsenter.stdout, nsenter.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(nsenter, "close").then(([status, signal]) => ({ status, signal }) as Ended);
  const pid = await pidOf(nsenter);
  return {
    pid,
    ended,
    output: () => output,
    signal: (name) => kill(pid, name),
    killTree: () => killTree(pid),
  };
}

/** nsenter(1) forks into the PID namespace: the program is its child. */
function pidOf(nsenter: ChildProcess): Promise<number> {
  return poll(
    () => childrenOf(nsenter.pid ?? 0)[0] ?? 0,
    (pid) => pid > 0,
    { everyMs: 1, timeoutMs: 10_000, failure: () => "Cannot find the process that nsenter started" },
  );
}

/** The children are listed before they lose their parent. (Stopping it first would stop nsenter(1) too.) */
function killTree(pid: number): void {
  const children = descendantsOf(pid);
  kill(pid, "SIGKILL");
  const all = new Set([...children, ...children.flatMap(descendantsOf)]);
  for (const one of all) kill(one, "SIGKILL");
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
