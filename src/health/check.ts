/** Checks a staged commit before its files are visible: commands that have to exit with 0. */
import { constants } from "node:os";
import type { Account } from "../model/account.ts";
import { Problem, Refusal } from "../model/problem.ts";
import type { Argv } from "../model/service.ts";
import { maskSecrets } from "../model/text/mask.ts";
import { type Exec, ExecFailure, findKeyLine, isTimeout } from "../platform/process/exec.ts";
import { inNamespace, type StagedBind } from "./namespace.ts";
import { wasNotRun } from "./not-run.ts";

export interface Check {
  /** Outer targets before those inside them. */
  readonly binds: readonly StagedBind[];
  /** One after another; the first failure ends the check. */
  readonly commands: readonly Argv[];
  readonly account: Account;
  /** Time-out per command, in ms. */
  readonly timeoutMs: number;
  readonly network: boolean;
}

/** How much of a command's output is kept. */
const outputTailBytes = 4096;

/**
 * Runs commands that see the staged commit at its real paths.
 * @throws Refusal when one fails; Problem when it cannot run at all, which says nothing about the commit
 */
export async function runCheck(check: Check, exec: Exec, signal?: AbortSignal): Promise<void> {
  for (const command of check.commands) {
    const { status, output } = await runCommand(command, check, exec, signal);
    if (wasNotRun(status, output))
      throw new Problem("host", `Cannot run the check "${titleOf(command)}": ${keyLineOf(output)}`);
    if (status !== 0) throw refusal(command, `exit status ${status}${nameOfSignal(status)}`, output);
  }
}

/** A shell exits with 128 plus the signal's number when a signal ended its command. */
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
  let tail: Buffer = Buffer.alloc(0);
  // Without a character that was cut off at the beginning, and masked before anything else is cut off.
  const output = () => maskSecrets(tail.toString("utf8").replace(/^\uFFFD+/, ""));
  try {
    const { stderr } = await exec(inNamespace(command, where), {
      timeoutMs,
      env: { HOME: home, USER: name, LOGNAME: name },
      stdoutMaxBytes: Number.POSITIVE_INFINITY,
      onStdout: (chunk) => {
        tail = Buffer.concat([tail, chunk]).subarray(-outputTailBytes);
      },
      tied: true,
      ...(signal && { signal }),
    });
    return { status: Number(stderr.trimEnd().split("\n").at(-1)), output: output() };
  } catch (error) {
    if (isTimeout(error)) throw refusal(command, `no end after ${timeoutMs / 1000} s`, output());
    if (!(error instanceof ExecFailure)) throw error;
    // The last line of mount(8) is a hint at dmesg(1).
    const why = findKeyLine(error.stderr, [/^mount: /]) ?? error.keyLine;
    throw new Problem("host", `Cannot mount what is to be checked: ${why}`, { cause: error });
  }
}

function refusal(command: Argv, what: string, output: string): Refusal {
  const line = keyLineOf(output);
  const reason = `${titleOf(command)}: ${what}${line === "" ? "" : `: ${line}`}`;
  return new Refusal(reason, { evidence: { output, journal: "" } });
}

/** Prefers a line that is marked as an error, then one with a position in a file. */
const errorLines = [
  /^(?:fatal|error|failed|E)\b[^:]*:|\[(?:emerg|alert|crit|error|fatal)\]/i,
  /:\d+\b|\bline \d+/,
];
const lineMax = 300;
const titleMax = 80;

function keyLineOf(output: string): string {
  return cut(findKeyLine(output, errorLines) ?? "", lineMax);
}

function titleOf(command: Argv): string {
  return cut(command.join(" ").replace(/\s+/g, " "), titleMax);
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
