/** Runs a command for a test, with a time limit, and says what went wrong with all that there is to know. */
import { spawn } from "node:child_process";

export interface RunOptions {
  readonly input?: string;
  /** Default 30 seconds; then the command and its children are killed. */
  readonly timeoutMs?: number;
  /** Return a status that is not 0, instead of throwing. */
  readonly allowFailure?: boolean;
  /** In addition to PATH, HOME and LANG; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface RunResult {
  /** The exit status; -1 when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cleanEnv = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

/**
 * Runs a command to its end.
 * @throws when it fails (unless `allowFailure`), cannot be started, or takes longer than `timeoutMs`.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await finish(argv, options);
  if (result.status === 0 || options.allowFailure) return result;
  throw new Error(`${describe(argv)} ended with ${result.status}\n${result.stderr}${result.stdout}`.trim());
}

function finish(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const { timeoutMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...cleanEnv, ...options.env },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        out[name] += text;
      });
    }
    const timer = setTimeout(() => {
      // Its own process group, so that what it started goes too.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      reject(
        new Error(`${describe(argv)} took longer than ${timeoutMs} ms\n${out.stderr}${out.stdout}`.trim()),
      );
    }, timeoutMs);
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`Cannot start ${describe(argv)}`, { cause }));
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ status: code ?? -1, ...out });
    });
    // A command that does not read its input is not an error.
    child.stdin.on("error", () => {}).end(options.input ?? "");
  });
}

function describe(argv: readonly string[]): string {
  return `"${argv.join(" ")}"`;
}
