/** Checks a staged commit before anybody sees its files: commands that have to end with status 0. */
import { constants } from "node:os";
import type { Account } from "../model/account.ts";
import { Problem, Refusal } from "../model/problem.ts";
import type { Argv } from "../model/service.ts";
import { type Exec, ExecFailure, isTimeout, tellingLine } from "../platform/process/exec.ts";
import { inNamespace, type StagedBind } from "./namespace.ts";
import { wasNotRun } from "./not-run.ts";

export interface Check {
  /** Outer targets before those that lie in them. */
  readonly binds: readonly StagedBind[];
  /** One after another; the first that fails ends it. */
  readonly commands: readonly Argv[];
  readonly account: Account;
  /** For each command. */
  readonly timeoutMs: number;
  readonly network: boolean;
}

/** How much of what a command says is kept. */
const outputTailBytes = 4096;

/**
 * Runs commands where they see the staged commit at the real paths.
 * @throws Refusal when one does not end well; Problem when it cannot be run at all, which is not the commit's fault
 */
export async function runCheck(check: Check, exec: Exec, signal?: AbortSignal): Promise<void> {
  for (const command of check.commands) {
    const { status, output } = await runCommand(command, check, exec, signal);
    if (wasNotRun(status, output))
      throw new Problem("host", `Cannot run the check "${titleOf(command)}": ${telling(output)}`);
    if (status !== 0) throw refusal(command, `exit status ${status}${nameOfSignal(status)}`, output);
  }
}

/** A shell ends with 128 and the signal's number when a signal ended its command. */
function nameOfSignal(status: number): string {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === status - 128) ?? [];
  return name === undefined ? "" : ` (${name})`;
}

async function runCommand(
  command: Argv,
  { timeoutMs, ...where }: Check,
  exec: Exec,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly output: string }> {
  const { name, home } = where.account;
  try {
    const { stdout, stderr } = await exec(inNamespace(command, where), {
      timeoutMs,
      env: { HOME: home, USER: name, LOGNAME: name },
      stdoutTailBytes: outputTailBytes,
      tied: true,
      ...(signal && { signal }),
    });
    return { status: Number(stderr.trimEnd().split("\n").at(-1)), output: stdout };
  } catch (error) {
    if (isTimeout(error)) throw refusal(command, `no end after ${timeoutMs / 1000} s`, error.stdout);
    if (!(error instanceof ExecFailure)) throw error;
    // Mount's last line is a hint at dmesg(1).
    const why = tellingLine(error.stderr, [/^mount: /]) ?? error.telling;
    throw new Problem("host", `Cannot mount what is to be checked: ${why}`, { cause: error });
  }
}

function refusal(command: Argv, what: string, output: string): Refusal {
  const line = telling(output);
  const reason = `${titleOf(command)}: ${what}${line === "" ? "" : `: ${line}`}`;
  return new Refusal(reason, { evidence: { output, journal: "" } });
}

/** A line that calls itself an error comes first, then one that names a place in a file. */
const errorLines = [
  /^(?:fatal|error|failed|E)\b[^:]*:|\[(?:emerg|alert|crit|error|fatal)\]/i,
  /:\d+\b|\bline \d+/,
];
const lineMax = 300;
const titleMax = 80;

function telling(output: string): string {
  return cut(tellingLine(output, errorLines) ?? "", lineMax);
}

function titleOf(command: Argv): string {
  return cut(command.join(" ").replace(/\s+/g, " "), titleMax);
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
