/** A command probe: it has to exit with 0. */
import type { Account } from "../model/account.ts";
import type { Argv } from "../model/service.ts";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";
import { type Answer, bad, good } from "./answer.ts";
import { wasNotRun } from "./not-run.ts";

/** A command that writes more than this is ended. */
const stdoutMaxBytes = 1024 * 1024;
/** Any exit status: the message shows it. */
const anyStatus = Array.from({ length: 256 }, (_, status) => status);

/** Runs as the user. On abort it is ended within 3 s, and the answer is meaningless. */
export async function askCommand(
  { argv, timeoutMs }: { readonly argv: Argv; readonly timeoutMs: number },
  account: Account,
  exec: Exec,
  signal: AbortSignal,
): Promise<Answer> {
  const env = { HOME: account.home, USER: account.name };
  const limits = { timeoutMs, stdoutMaxBytes, okStatus: anyStatus, tied: true };
  try {
    const { status, stdout, stderr } = await exec(argv, { account, env, signal, ...limits });
    if (status === 0) return good;
    const byHost = wasNotRun(status, stderr);
    const what = byHost ? "cannot be run" : `ended with status ${status}`;
    return bad(`${what}${lastLineOf(stderr || stdout)}`, stdout + stderr, { byHost });
  } catch (error) {
    if (error instanceof ExecFailure)
      return bad(`failed: ${error.what}${lastLineOf(error.stderr)}`, error.stderr);
    if (signal.aborted) return bad("was not asked to the end");
    throw error;
  }
}

function lastLineOf(output: string): string {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${line}`;
}
