/** How a program failed, and what of its words tells most. */
import { maskSecrets } from "../../model/text/mask.ts";

/** A program that could not start, was ended, wrote too much, or gave a status that nobody expected. */
export class ExecFailure extends Error {
  readonly status: number | null;
  /** How it ended. */
  readonly what: string;
  /** All that it said, without secrets. */
  readonly stderr: string;
  /** What it wrote to stdout, without secrets. */
  readonly stdout: string;
  /**
   * What says most: the first line of stderr that is called fatal or an error or a failed job of systemd, else why we
   * ended it, else the last line.
   */
  readonly telling: string;
  /** As an error of node has it, errno(3): the program has told of a full disk. */
  readonly code?: "ENOSPC";
  constructor(argv: readonly string[], what: string, status: number | null, stderr: string, stdout = "") {
    const said = maskSecrets(stderr);
    const line = tellingLine(said, [failed]);
    const itself = line !== undefined && (failed.test(line) || what.startsWith("exit status "));
    const telling = itself ? line : what;
    super(maskSecrets(`${argv.join(" ")}: ${what === telling ? what : `${what}: ${telling}`}`));
    this.name = "ExecFailure";
    this.status = status;
    this.what = what;
    this.stderr = said;
    this.stdout = maskSecrets(stdout);
    this.telling = telling;
    if (tellsFullDisk(said)) this.code = "ENOSPC";
  }
}

/** Of what a program said, the first line that fits the first pattern that any line fits; else the last line. */
export function tellingLine(text: string, patterns: readonly RegExp[]): string | undefined {
  const lines = text
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter(Boolean);
  const found = patterns.map((pattern) => lines.find((line) => pattern.test(line)));
  return found.find((line) => line !== undefined) ?? lines.at(-1);
}

/** Of this host: what git passes on from upstream has a heading. */
function tellsFullDisk(said: string): boolean {
  const words = /No space left on device|Disk quota exceeded/;
  return said.split(/[\r\n]/).some((line) => words.test(line) && !line.startsWith("remote: "));
}

const failed = /^(?:(?:fatal|error|E):|Job for )/i;

/** True when a program was ended because its time was over. */
export function isTimeout(error: unknown): error is ExecFailure {
  return error instanceof ExecFailure && error.what.startsWith("no end after ");
}

/** True when a program was ended because it wrote more than it may. */
export function isOverflow(error: unknown): boolean {
  return error instanceof ExecFailure && error.message.includes(": wrote more than ");
}
