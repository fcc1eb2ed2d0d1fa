/** Reads the command line of gitopperhdr; runs nothing. */
import { Argument, Command, CommanderError, Option } from "commander";
import { usageLine } from "../model/text/usage-line.ts";
import { version } from "../model/version.ts";
import type { Language } from "./header.ts";

export interface Wanted {
  readonly files: readonly string[];
  readonly prefix: string;
  readonly language: Language;
}

/** A command line is files to print headers for, or a text to show with an exit status. */
export type Parsed =
  | { readonly run: Wanted }
  | { readonly show: string; readonly on: "stdout" | "stderr"; readonly status: number };

const usageStatus = 2;
const help = `
Examples:
  gitopperhdr prometheus.yml
  gitopperhdr -p // -l nl named.conf

The address names the current branch. gitopperhdr only prints the header; you add it to the file.
Exit status: 0 success, 1 failure, 2 the command line is invalid.`;

/** Parses the arguments after the program's name. */
export function parseCommandLine(words: readonly string[]): Parsed {
  let shown = "";
  const program = buildProgram((text) => {
    shown += text;
  });
  try {
    program.parse(words, { from: "user" });
    const { prefix, language } = program.opts<{ prefix: string; language: Language }>();
    if (/[\r\n]/.test(prefix)) program.error("the prefix has a line break; it is for one line");
    return { run: { files: program.args, prefix, language } };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { show: shown, on: "stdout", status: 0 };
    const show = `gitopperhdr: ${usageLine(error.message)}; see --help\n`;
    return { show, on: "stderr", status: usageStatus };
  }
}

/** Every flag with its help; also the source of the man page. */
export function buildProgram(write: (text: string) => void): Command {
  return new Command("gitopperhdr")
    .description("Prints a header for a file in a git work tree that says where to edit the file.")
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} })
    .exitOverride()
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .option("-p, --prefix <text>", "what starts a comment in the file", "#")
    .addOption(
      new Option("-l, --language <language>", "the language of the header")
        .choices(["en", "nl"])
        .default("en"),
    )
    .addArgument(new Argument("<file...>", "files that git tracks"))
    .addHelpText("after", help);
}
