/** Reads the command line of gitopperctl; runs nothing. */
import { CommanderError } from "commander";
import { usageLine } from "../../model/text/usage-line.ts";
import { commands } from "../commands/all.ts";
import { Failure } from "../failure.ts";
import { type Named, parseHosts } from "../hosts/named.ts";
import { type Globals, readGlobals } from "./global-options.ts";
import { buildProgram, type FoundCommand } from "./program.ts";
import { arrange } from "./words.ts";

/** A command to run. */
export interface Invocation extends FoundCommand {
  /** As written; a name may be a group's. */
  readonly hosts: readonly Named[];
  readonly globals: Globals;
}

type Parsed =
  | { readonly run: Invocation }
  | { readonly show: string; readonly on: "stdout" | "stderr"; readonly status: number };

/** The exit status of a command line that is not understood. */
const usageStatus = 2;

/** Parses the arguments after the program's name: a command, or a text to show with an exit status. */
export function parseCommandLine(words: readonly string[]): Parsed {
  const shown = { stdout: "", stderr: "" };
  let found: FoundCommand | undefined;
  const output = {
    writeOut: (text: string) => {
      shown.stdout += text;
    },
    writeErr: (text: string) => {
      shown.stderr += text;
    },
  };
  const program = buildProgram(commands, output, (what) => {
    found = what;
  });
  try {
    const { hosts, rest } = arrange(words, commands);
    const named = parseHosts(hosts);
    program.parse(rest, { from: "user" });
    if (found === undefined) throw new Failure("no command is given");
    return { run: { ...found, hosts: named, globals: readGlobals(found.input) } };
  } catch (error) {
    return explain(error, shown);
  }
}

function explain(error: unknown, shown: { stdout: string; stderr: string }): Parsed {
  if (error instanceof CommanderError && error.exitCode === 0)
    return { show: shown.stdout, on: "stdout", status: 0 };
  if (error instanceof CommanderError && error.code === "commander.help")
    return { show: shown.stderr, on: "stderr", status: usageStatus };
  if (!(error instanceof CommanderError || error instanceof Failure)) throw error;
  const show = `gitopperctl: ${usageLine(error.message)}; see --help\n`;
  return { show, on: "stderr", status: usageStatus };
}
