/** Reads the command line of gitopperctl; runs nothing. */
import { CommanderError } from "commander";
import { usageLine } from "../../model/text/usage-line.ts";
import { commands } from "../commands/all.ts";
import { Failure } from "../failure.ts";
import { parseHosts } from "../hosts/named.ts";
import { readGlobals } from "./global-options.ts";
import type { Parsed } from "./invocation.ts";
import { buildProgram, type FoundCommand, vocabularyOf } from "./program.ts";
import { arrange } from "./words.ts";

/** The exit status of a command line that is not understood. */
export const usageStatus = 2;

/** Parses the arguments after the program's name: a command, or a text to show with an exit status. */
export function parseCommandLine(words: readonly string[]): Parsed {
  const shown = { stdout: "", stderr: "" };
  let found: FoundCommand | undefined;
  const program = buildProgram(commands, {
    out: (text) => {
      shown.stdout += text;
    },
    err: (text) => {
      shown.stderr += text;
    },
    found: (what) => {
      found = what;
    },
  });
  try {
    const { hosts, rest } = arrange(words, vocabularyOf(commands));
    const named = parseHosts(hosts);
    program.parse(rest, { from: "user" });
    if (found === undefined) throw new Failure("no command is given");
    return { run: { ...found, hosts: named, globals: readGlobals(found.input.options) } };
  } catch (error) {
    return explain(error, shown);
  }
}

function explain(error: unknown, shown: { stdout: string; stderr: string }): Parsed {
  if (error instanceof CommanderError && error.exitCode === 0)
    return { show: shown.stdout, on: "stdout", status: 0 };
  if (error instanceof CommanderError && error.code === "commander.help")
    return { show: shown.stderr, on: "stderr", status: usageStatus };
  if (error instanceof CommanderError || error instanceof Failure)
    return {
      show: `gitopperctl: ${usageLine(error.message)}; see --help\n`,
      on: "stderr",
      status: usageStatus,
    };
  throw error;
}
