/** The output of a command, and what it supports. */
import { createInterface } from "node:readline/promises";

export interface Terminal {
  /** Writes to stdout. */
  readonly write: (text: string) => void;
  /** Writes to stderr. */
  readonly writeError: (text: string) => void;
  /** The current width of a terminal on stdout; null: a file or a pipe. */
  readonly width: number | null;
  /** Whether to use colours by default. */
  readonly colour: boolean;
  /** The current width of a terminal on stderr, for a line that is overwritten; null: none. */
  readonly progressWidth: number | null;
  /** Asks the person for one line; null: there is no terminal. */
  readonly ask: ((question: string) => Promise<string>) | null;
}

/** The terminal of this process; NO_COLOR (no-color.org) is honoured. */
export function ownTerminal(process: NodeJS.Process): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    get width() {
      return stdout.isTTY === true ? columnsOf(env.COLUMNS) || stdout.columns || null : null;
    },
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
    get progressWidth() {
      return stderr.isTTY === true && env.TERM !== "dumb" ? stderr.columns || null : null;
    },
    ask: stdin.isTTY === true && stderr.isTTY === true ? (question) => askPerson(process, question) : null,
  };
}

/** The user's setting takes precedence over the terminal's; 0: not set. */
function columnsOf(text: string | undefined): number {
  return /^[1-9]\d{0,3}$/.test(text ?? "") ? Number(text) : 0;
}

/** End of input (Ctrl-D) and Ctrl-C are an empty answer. */
async function askPerson({ stdin, stderr }: NodeJS.Process, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  const { promise, resolve } = Promise.withResolvers<string>();
  lines.once("close", () => {
    stderr.write("\n");
    resolve("");
  });
  lines.question(question).then(resolve, () => resolve(""));
  const answer = await promise;
  lines.removeAllListeners("close").close();
  return answer;
}
