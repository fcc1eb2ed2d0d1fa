/** What all steps of a build share, and how they start programs. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Build {
  readonly version: string;
  /** The commit's time, in seconds: every file has it, and nothing has the time of the build. */
  readonly epoch: number;
  /** For xz: 0 is quick, 6 is small. */
  readonly xzLevel: number;
  /** A directory of this build alone. */
  readonly work: string;
}

/** The checkout that is packaged. */
export const repository = join(import.meta.dirname, "../..");

const timeoutMs = 900_000;

/** Runs a program to its end, and returns its output. @throws with its output when it fails */
export async function runTool(
  [program = "", ...args]: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const env = { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC", ...options.env };
  const cwd = options.cwd ?? repository;
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd,
      env,
      timeout: timeoutMs,
      maxBuffer: 2 ** 28,
    });
    return stdout;
  } catch (cause) {
    const { stdout = "", stderr = "", code } = cause as { stdout?: string; stderr?: string; code?: unknown };
    const output = `${stdout}${stderr}`.trim();
    throw new Error(`"${[program, ...args].join(" ")}" failed with ${code}\n${output}`, { cause });
  }
}
