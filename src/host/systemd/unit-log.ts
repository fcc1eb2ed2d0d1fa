/** Reads the end of a unit's journal. */
import { Problem } from "../../model/problem.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";

const timeoutMs = 10_000;
const maxBytes = 256 * 1024;

/** The last lines of the unit's journal, oldest first. @throws Problem */
export async function unitLog(unit: string, lines: number, exec: Exec): Promise<string[]> {
  const argv = [
    "journalctl",
    `--unit=${unit}`,
    `--lines=${lines}`,
    "--output=short-iso",
    "--no-pager",
    "--quiet",
  ];
  try {
    const { stdout } = await exec(argv, { timeoutMs, stdoutMaxBytes: maxBytes });
    return stdout.split("\n").filter((line) => line !== "");
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new Problem("host", `Cannot read the journal of "${unit}": ${error.keyLine}`, { cause: error });
  }
}
