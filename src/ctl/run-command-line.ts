/** Parses and runs the command line of gitopperctl. */
import { parseCommandLine } from "./cli/command-line.ts";
import { commands } from "./commands/all.ts";
import { complete } from "./complete/complete.ts";
import type { Environment } from "./environment.ts";
import { run } from "./run.ts";

/** Returns the exit status. */
export async function runCommandLine(words: readonly string[], environment: Environment): Promise<number> {
  const { write, writeError } = environment.terminal;
  // Not in the help: its arguments are an incomplete command line.
  if (words[0] === "__complete") {
    write(await complete(words.slice(1), commands, environment));
    return 0;
  }
  const parsed = parseCommandLine(words);
  if ("run" in parsed) return run(parsed.run, environment);
  (parsed.on === "stdout" ? write : writeError)(parsed.show);
  return parsed.status;
}
