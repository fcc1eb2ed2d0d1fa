/** The definition of a command of gitopperctl, from which command line, help, man page and completions are made. */
import type { Clock } from "../../platform/clock.ts";
import type { Connection } from "../connect/connection.ts";
import type { Environment } from "../environment.ts";
import type { Table } from "../output/table.ts";

export interface Argument {
  readonly name: string;
  readonly optional?: true;
  /** The last one may be several. */
  readonly many?: true;
  /** Completion offers the services of the host, or these words, which are then the only valid ones. */
  readonly offer?: "services" | "files" | readonly string[];
}

export interface Option {
  /** Without leading dashes. */
  readonly long: string;
  readonly short?: string;
  /** The placeholder for its value in the help; absent: it takes no value. */
  readonly value?: string;
  /** Its value when none follows. */
  readonly fallback?: string;
  readonly help: string;
  readonly offer?: "files" | readonly string[];
  /** What is wrong with a value; null: it is valid. */
  readonly check?: (value: string) => string | null;
}

/** The parsed arguments by name, and options by name in camel case. */
export interface CommandInput {
  readonly arguments: Readonly<Record<string, string | undefined>>;
  /** All values of the last argument, if it may be several. */
  readonly rest?: readonly string[];
  readonly options: Readonly<Record<string, string | true>>;
}

/** How output is displayed. */
export interface Display {
  /** The current width of the terminal in columns; null: unlimited. */
  readonly width: number | null;
  readonly colour: boolean;
  /** Show instants instead of how long ago. */
  readonly absolute: boolean;
  readonly now: Date;
}

/** What a command can use for one host. */
export interface Session {
  /** The host's name as written on the command line. */
  readonly name: string;
  readonly host: Connection;
  readonly display: Display;
  readonly clock: Pick<Clock, "now" | "monotonicMs" | "sleep">;
  /** Shows on a terminal what is waited for; an empty text: nothing any more. */
  readonly progress: (text: string) => void;
  /** Prints a step on a line of its own when there is no terminal, or everywhere. */
  readonly step: (text: string, where?: { readonly everywhere: boolean }) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export type Shown =
  | { readonly table: Table }
  /** One line. */
  | { readonly message: string }
  /** Lines that are safe for a terminal, each with its line break. */
  | { readonly text: string };

export interface Result {
  readonly shown: Shown;
  /** The JSON as received. */
  readonly json: string;
  /** 3: done, and something is BROKEN or DIFF. */
  readonly status?: 0 | 1 | 3;
  /** One line for stderr; absent or empty: none. */
  readonly note?: string;
}

/** What a person has to confirm or choose before anything is changed. */
export type Prompt =
  /** `about` are lines; `refusal` is the error without a terminal to ask at. */
  | { readonly ask: "confirm"; readonly about: string; readonly refusal: string }
  | {
      readonly ask: "choose";
      readonly choices: readonly { readonly value: string; readonly line: string }[];
      /** The argument that gets the choice. */
      readonly argument: string;
      readonly refusal: string;
    };

export type Action =
  /** On all hosts at once. `prepare` only reads; null means that no prompt is needed. */
  | {
      readonly over: "hosts";
      readonly prepare?: (input: CommandInput, session: Session) => Promise<Prompt | null>;
      readonly run: (input: CommandInput, session: Session) => Promise<Result>;
    }
  /** Writes lines until it is stopped. */
  | {
      readonly over: "time";
      readonly run: (input: CommandInput, session: Session, output: LineOutput) => Promise<void>;
    }
  /** Uses no host, or connects itself; returns the exit status. */
  | {
      readonly over: "nothing";
      readonly run: (input: CommandInput, environment: Environment) => Promise<number>;
    };

/** Takes a stream of lines, each for people and as JSON, and remarks. */
export interface LineOutput {
  readonly line: (text: string, json: string) => void;
  readonly remark: (text: string) => void;
}

/** The headings of the help. */
export type Section = "Show" | "Change" | "Access" | "As in the original" | "Shell";

export interface Command {
  /** One word, or two: `list services`. */
  readonly name: string;
  /** A command line for its help, without the program's name. */
  readonly example: string;
  readonly section: Section;
  /** A few words for the help. */
  readonly summary: string;
  /** Further details for its help and the man page. */
  readonly about?: string;
  /** Absent: none; the same for `options`. */
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  /** What is wrong with the combination of arguments and options; null: it is valid. */
  readonly check?: (input: CommandInput) => string | null;
  readonly action: Action;
}
