/** What a command of gitopperctl is: command line, help, man page and completions are made from this alone. */
import type { Clock } from "../../platform/clock.ts";
import type { Connection } from "../connect/connection.ts";
import type { Environment } from "../environment.ts";
import type { Table } from "../output/table.ts";

export interface Argument {
  readonly name: string;
  readonly optional?: true;
  /** What completion offers: the services of the host, or these words, which are then the only ones. */
  readonly offer?: "services" | readonly string[];
}

export interface Option {
  /** Without its dashes. */
  readonly long: string;
  readonly short?: string;
  /** What stands for its value in the help; absent: it has none. */
  readonly value?: string;
  /** Its value where none follows. */
  readonly fallback?: string;
  readonly help: string;
  readonly offer?: "files" | readonly string[];
  /** What is wrong with a value; null: nothing. */
  readonly check?: (value: string) => string | null;
}

/** What the command line gave: values by the names of arguments and options. */
export interface CommandInput {
  readonly arguments: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string | true>>;
}

/** How things may look. */
export interface DisplayOptions {
  /** The columns of the terminal, as it is now; null: any number. */
  readonly width: number | null;
  readonly colour: boolean;
  /** Instants as they are, instead of how long ago. */
  readonly absolute: boolean;
  readonly now: Date;
}

/** What a command has to work with, for one host. */
export interface Session {
  /** The host's name, as the person wrote it. */
  readonly name: string;
  readonly host: Connection;
  readonly display: DisplayOptions;
  readonly clock: Pick<Clock, "now" | "monotonicMs" | "sleep">;
  /** Tells what it waits for, on a terminal; an empty text: for nothing any more. */
  readonly progress: (text: string) => void;
  /** Tells of a step on a line of its own, where there is no terminal; or everywhere. */
  readonly step: (text: string, where?: { readonly everywhere: boolean }) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export type Shown =
  | { readonly table: Table }
  /** One line. */
  | { readonly message: string }
  /** Lines that are safe for a terminal already, each with its line break. */
  | { readonly text: string };

export interface Result {
  readonly shown: Shown;
  /** As it came. */
  readonly json: string;
  /** 3: done, and something is BROKEN or DIFF. */
  readonly status?: 0 | 1 | 3;
  /** For stderr, in one line. */
  readonly note?: string;
}

/** What a person has to answer before anything is changed. */
export type Prompt =
  /** `about` are lines; `refusal` is for where nobody can be asked. */
  | { readonly ask: "confirm"; readonly about: string; readonly refusal: string }
  | {
      readonly ask: "choose";
      readonly choices: readonly { readonly value: string; readonly line: string }[];
      /** The argument that the choice is for. */
      readonly argument: string;
      readonly refusal: string;
    };

export type Action =
  /** Over all hosts at once. `prepare` only reads, and null means that nothing has to be asked. */
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
  /** Asks no host, or finds its own way; gives the exit status. */
  | {
      readonly over: "nothing";
      readonly run: (input: CommandInput, environment: Environment) => Promise<number>;
    };

/** Where a stream of lines goes: one for people with its JSON, or a remark. */
export interface LineOutput {
  readonly line: (text: string, json: string) => void;
  readonly remark: (text: string) => void;
}

/** The headings of the help. */
export type Section = "Show" | "Change" | "Access" | "As in the original" | "Shell";

export interface CommandDefinition {
  /** One word, or two: `list services`. */
  readonly name: string;
  readonly section: Section;
  /** In a few words, for the help. */
  readonly summary: string;
  /** What else there is to know, for its help and the man page. */
  readonly about?: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  /** What is wrong with the whole, such as two options that rule each other out; null: nothing. */
  readonly check?: (input: CommandInput) => string | null;
  readonly action: Action;
}
