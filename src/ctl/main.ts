/** gitopperctl: shows and steers the services of hosts. */
import { homedir, hostname } from "node:os";
import { systemClock } from "../platform/clock.ts";
import { parseCommandLine } from "./cli/command-line.ts";
import { commands } from "./commands/all.ts";
import { connect } from "./connect/connect.ts";
import type { Surroundings } from "./environment.ts";
import { ownFiles } from "./hosts/own-files.ts";
import { ownTerminal } from "./output/terminal.ts";
import { run } from "./run.ts";

/** Does what the words after the program's name say, and gives the exit status. */
async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const parsed = parseCommandLine(words);
  if ("run" in parsed) return run(parsed.run, surroundings, commands);
  const { write, writeError } = surroundings.terminal;
  (parsed.on === "stdout" ? write : writeError)(parsed.show);
  return parsed.status;
}

/** Ctrl-C ends what goes on for ever in order; the second one, like that for everything else, at once. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  return stop.signal;
}

/** A reader that leaves early, such as `head`, is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const words = process.argv.slice(2);
main(words, {
  terminal: ownTerminal(process),
  env: process.env,
  home: homedir(),
  hostname: hostname(),
  clock: systemClock,
  connect,
  files: ownFiles,
  untilInterrupted,
}).then((status) => {
  process.exitCode = status;
});
