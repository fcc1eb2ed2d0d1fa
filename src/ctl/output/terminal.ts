/** Where a command writes, and what it may assume of it. */
import { createInterface } from "node:readline/promises";

export interface Terminal {
  /** Writes to stdout. */
  readonly write: (text: string) => void;
  /** Writes to stderr. */
  readonly writeError: (text: string) => void;
  /** The columns of a terminal on stdout, as it is now; null: it is a file or a pipe. */
  readonly width: number | null;
  /** Whether colours are welcome, as far as nobody says otherwise. */
  readonly colour: boolean;
  /** The columns of a terminal on stderr, as it is now, for a line that is written over and over; null: there is none. */
  readonly progressWidth: number | null;
  /** Asks a person, and gives one line; null where nobody can be asked. */
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

/** What a person says of the terminal counts more than what it says itself; 0: nothing. */
function columnsOf(text: string | undefined): number {
  return /^[1-9]\d{0,3}$/.test(text ?? "") ? Number(text) : 0;
}

/** The end of the input (Ctrl-D), or Ctrl-C, is an empty answer. */
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
