/** Runs programs; the only file that imports node:child_process. Never a shell, always a time-out and a limit. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { Account } from "../../model/account.ts";
import { encodePath } from "../../model/text/path-bytes.ts";
import { duringSync, type ProcessEnd, type ProcessSpan, whileItRuns } from "../trace/span.ts";
import { type Collected, collect } from "./collect.ts";
import { type Cut, ExecFailure } from "./exec-failure.ts";

export { ExecFailure, findKeyLine, isOverflow, isTimeout } from "./exec-failure.ts";

export interface ExecOptions {
  readonly timeoutMs: number;
  /** The longest time without output on stdout and stderr, in ms; absent: no limit. */
  readonly silenceMs?: number;
  /** Run as this user with all its groups; absent: as the current user. */
  readonly account?: Account;
  readonly cwd?: string;
  /** Added to an environment of only PATH, LC_ALL and the proxies. */
  readonly env?: NodeJS.ProcessEnv;
  /** The stdin; file names in it may be as `decodePath` returns them. */
  readonly input?: string;
  /** Instead of `input`: talks with the program while it runs. It gets stdout, which is not kept. */
  readonly dialog?: Dialog;
  /** Gets stderr as it arrives. */
  readonly onStderr?: (words: string) => void;
  /** Default 64 MiB. */
  readonly stdoutMaxBytes?: number;
  /** Gets stdout, up to `stdoutMaxBytes`, instead of keeping it. */
  readonly onStdout?: (chunk: Buffer) => void;
  /** Called after each chunk of stdout; true: the caller wants no more, and the program is ended without a failure. */
  readonly enough?: (chunk: Buffer) => boolean;
  /** The expected exit statuses; default: 0. */
  readonly okStatus?: readonly number[];
  /** A descriptor that stdout is written to. */
  readonly stdoutFd?: number;
  /** Descriptors that the program gets as 3, 4, … */
  readonly fds?: readonly number[];
  /** True: the kernel kills the program when the daemon dies, so that it does not continue after a crash. */
  readonly tied?: boolean;
  readonly signal?: AbortSignal;
}

export interface Dialog {
  /** Called once, when the program has started. */
  readonly begin: (stdin: Writable) => void;
  readonly onStdout: (chunk: Buffer) => void;
}

export interface ExecResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Exec = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

const stdoutMaxBytesDefault = 64 * 1024 * 1024;
// Below it stays even the longest fetch that reports its progress and then fails.
const stderrMaxBytes = 256 * 1024;
const killAfterMs = 3_000;
const hangUpAfterMs = 2_000;

/** @throws ExecFailure */
export const exec: Exec = async (argv, options) => {
  options.signal?.throwIfAborted();
  const child = duringSync({ name: "spawn" }, () => start(asAccount(argv, options), options));
  const { dialog, onStderr } = options;
  const stdout = collectStdout(child, options);
  const stderr = collect(child.stderr, stderrMaxBytes);
  if (onStderr) child.stderr?.on("data", (chunk: Buffer) => onStderr(chunk.toString("latin1")));
  child.stdin?.on("error", () => {});
  if (dialog && child.stdin) dialog.begin(child.stdin);
  else child.stdin?.end(encodePath(options.input ?? ""));
  const span: ProcessSpan = { argv, pid: child.pid, inDialog: dialog !== undefined };
  const ended = await whileItRuns(span, () => watch(child, options, stdout));
  const text = { stdout: stdout.text(), stderr: stderr.text() };
  if (stdout.isEnough()) return { status: 0, ...text };
  if (ended.why !== null) throw new ExecFailure(argv, ended.why, ended.status, { ...text, cut: ended.cut });
  const status = ended.status ?? -1;
  if (!(options.okStatus ?? [0]).includes(status))
    throw new ExecFailure(argv, `exit status ${status}`, status, text);
  return { status, ...text };
};

function collectStdout(child: ChildProcess, options: ExecOptions): Collected {
  const { dialog, stdoutMaxBytes = stdoutMaxBytesDefault, onStdout: keep, enough } = options;
  if (dialog) return collect(child.stdout, Infinity, { keep: (chunk) => dialog.onStdout(chunk) });
  return collect(child.stdout, stdoutMaxBytes, { keep, enough, end: () => killGroup(child, "SIGKILL") });
}

/** The argv, with setpriv(1) in front when the program needs another user or has to die with us. */
export function asAccount(
  argv: readonly string[],
  options: Pick<ExecOptions, "account" | "tied">,
): readonly string[] {
  const { account, tied } = options;
  const other = account !== undefined && account.uid !== process.getuid?.();
  if (!other && !tied) return argv;
  const identity = other ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--init-groups"] : [];
  return ["setpriv", ...identity, ...(tied ? ["--pdeathsig=KILL"] : []), "--", ...argv];
}

function start(argv: readonly string[], options: Omit<ExecOptions, "timeoutMs">): ChildProcess {
  const [program = "", ...args] = argv;
  const stdio: StdioOptions = ["pipe", options.stdoutFd ?? "pipe", "pipe", ...(options.fds ?? [])];
  const env = { ...passedOn(), LC_ALL: "C.UTF-8", ...options.env };
  // Its own process group, so that a time-out ends its children too.
  return spawn(program, args, { stdio, env, cwd: options.cwd ?? "/", detached: true });
}

const proxyVariables = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

/** The variables that a program gets from our environment: the path and the proxies. */
function passedOn(): NodeJS.ProcessEnv {
  const names = ["PATH", ...proxyVariables, ...proxyVariables.map((name) => name.toUpperCase())];
  const given = names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...Object.fromEntries(given) };
}

interface Ended extends ProcessEnd {
  /** Null: gitopper did not end it. */
  readonly cut: Cut | null;
}

function watch(child: ChildProcess, options: ExecOptions, stdout: Collected): Promise<Ended> {
  return new Promise((resolve) => {
    let why: string | null = null;
    let cut: Cut | null = null;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (kind: Cut, reason: string) => {
      why ??= reason;
      cut ??= kind;
      killGroup(child, "SIGTERM");
      killTimer ??= setTimeout(() => killGroup(child, "SIGKILL"), killAfterMs);
    };
    const late = `no end after ${options.timeoutMs / 1000} s`;
    const timer = setTimeout(() => end("time", late), options.timeoutMs);
    const silence = watchSilence(child, options.silenceMs, end);
    const onAbort = () => end("stopped", "stopped");
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const done = (ended: Ended) => {
      clearTimeout(timer);
      clearTimeout(silence);
      clearTimeout(killTimer);
      options.signal?.removeEventListener("abort", onAbort);
      resolve(ended);
    };
    child.once("error", (error) => done({ status: null, why: error.message, cut }));
    // Processes that it has started may keep its output open for ever, such as the daemons of a package.
    child.once("exit", () => setTimeout(() => hangUp(child), hangUpAfterMs).unref());
    child.once("close", (status, signal) => {
      const overflow = stdout.overflow();
      if (overflow !== null) [why, cut] = [overflow, "overflow"];
      if (signal !== null) why ??= `ended by ${signal}`;
      done({ status, why, cut });
    });
  });
}

function watchSilence(
  child: ChildProcess,
  silenceMs: number | undefined,
  end: (kind: Cut, reason: string) => void,
): NodeJS.Timeout | undefined {
  if (silenceMs === undefined) return undefined;
  const timer = setTimeout(() => end("silence", `no word for ${silenceMs / 1000} s`), silenceMs);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", () => timer.refresh());
  return timer;
}

function hangUp(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

export interface StreamOptions extends Pick<ExecOptions, "cwd" | "env" | "input"> {
  /** The longest silence. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The stdout of a program that runs until the reader stops. Ends with the program, and on abort without an error.
 * @throws ExecFailure when it could not start, was silent for too long, or ended with a status other than 0
 */
export async function* execStream(argv: readonly string[], options: StreamOptions): AsyncGenerator<string> {
  if (options.signal.aborted) return;
  const child = start(argv, options);
  const stderr = collect(child.stderr, stderrMaxBytes);
  const silence = setTimeout(() => killGroup(child, "SIGTERM"), options.idleTimeoutMs);
  const stop = () => killGroup(child, "SIGTERM");
  options.signal.addEventListener("abort", stop, { once: true });
  const ended = new Promise<string | null>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (status, signal) =>
      resolve(status === 0 ? null : (signal ?? `exit status ${status}`)),
    );
  });
  child.stdin?.on("error", () => {}).end(options.input ?? "");
  try {
    for await (const text of child.stdout?.setEncoding("utf8") ?? []) {
      silence.refresh();
      yield String(text);
    }
    const why = await ended;
    if (why !== null && !options.signal.aborted)
      throw new ExecFailure(argv, why, child.exitCode, { stderr: stderr.text() });
  } finally {
    clearTimeout(silence);
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}
