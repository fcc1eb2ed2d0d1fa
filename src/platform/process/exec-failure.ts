/** How a program failed, and the most telling line of its output. */
import { maskSecrets } from "../../model/text/mask.ts";

/** Why gitopper ended a program: its time-out, a long silence, too much output, or a request to stop. */
export type Cut = "time" | "silence" | "overflow" | "stopped";

/** A program could not start, was ended, wrote too much, or ended with an unexpected status. */
export class ExecFailure extends Error {
  readonly status: number | null;
  /** How it ended. */
  readonly what: string;
  /** Null: gitopper did not end it. */
  readonly cut: Cut | null;
  /** All of its stderr, without secrets. */
  readonly stderr: string;
  /**
   * The most telling line: the first line of stderr that is marked as fatal, as an error or as a failed systemd job, else
   * why we ended the program, else the last line.
   */
  readonly keyLine: string;
  /** The code of an errno(3): set when the program has reported a full disk. */
  readonly code?: "ENOSPC";
  constructor(
    argv: readonly string[],
    what: string,
    status: number | null,
    { stderr, cut = null }: { readonly stderr: string; readonly cut?: Cut | null },
  ) {
    const said = maskSecrets(stderr);
    const line = findKeyLine(said, [failed]);
    const itself = line !== undefined && (failed.test(line) || what.startsWith("exit status "));
    const keyLine = itself ? line : what;
    super(maskSecrets(`${argv.join(" ")}: ${what === keyLine ? what : `${what}: ${keyLine}`}`));
    this.name = "ExecFailure";
    this.status = status;
    this.what = what;
    this.cut = cut;
    this.stderr = said;
    this.keyLine = keyLine;
    if (reportsFullDisk(said)) this.code = "ENOSPC";
  }
}

/** The first line that matches the first pattern that any line matches; else the last line. */
export function findKeyLine(text: string, patterns: readonly RegExp[]): string | undefined {
  const lines = text
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter(Boolean);
  const found = patterns.map((pattern) => lines.find((line) => pattern.test(line)));
  return found.find((line) => line !== undefined) ?? lines.at(-1);
}

/** On this host: lines that git passes on from upstream have a prefix. */
function reportsFullDisk(said: string): boolean {
  const words = /No space left on device|Disk quota exceeded/;
  return said.split(/[\r\n]/).some((line) => words.test(line) && !line.startsWith("remote: "));
}

const failed = /^(?:(?:fatal|error|E):|Job for )/i;

/** True when a program was ended by its time-out. */
export function isTimeout(error: unknown): error is ExecFailure {
  return error instanceof ExecFailure && error.cut === "time";
}

/** True when a program was ended because it wrote too much. */
export function isOverflow(error: unknown): boolean {
  return error instanceof ExecFailure && error.cut === "overflow";
}
