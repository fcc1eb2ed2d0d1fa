/** Questions to the person at the terminal. */
import confirm from "@inquirer/confirm";
import input from "@inquirer/input";
import password from "@inquirer/password";
import type { Parsed } from "../config/fields/values/parsed.ts";

export interface Person {
  /** Asks again until the answer is accepted. */
  readonly ask: (question: Question) => Promise<string>;
  /** Shows nothing of what is typed. */
  readonly askSecret: (question: Question) => Promise<string>;
  readonly confirm: (message: string) => Promise<boolean>;
  readonly untilEnter: (message: string) => Promise<void>;
}

export interface Question {
  readonly message: string;
  /** The answer of who only presses Enter. */
  readonly fallback?: string;
  /** Why an answer is refused follows "It ". */
  readonly parse: (text: string) => Parsed<string>;
}

/** Thrown by every question when the person presses ^C. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && ["ExitPromptError", "AbortPromptError"].includes(error.name);
}

/** Null: there is no terminal to ask at. */
export function personAt({ stdin, stdout }: NodeJS.Process): Person | null {
  if (stdin.isTTY !== true || stdout.isTTY !== true) return null;
  return {
    ask: ({ message, fallback, parse }) =>
      input({ message, ...(fallback !== undefined && { default: fallback }), validate: validator(parse) }),
    askSecret: ({ message, parse }) => password({ message, mask: false, validate: validator(parse) }),
    confirm: (message) => confirm({ message, default: false }),
    untilEnter: async (message) => void (await input({ message })),
  };
}

function validator(parse: Question["parse"]): (text: string) => true | string {
  return (text) => {
    const parsed = parse(text.trim());
    return parsed.ok || `It ${parsed.why}`;
  };
}
