/** gitopperctl: the client that shows and changes the services of hosts. */
import { homedir, hostname } from "node:os";
import { systemClock } from "../platform/clock.ts";
import { connect } from "./connect/connect.ts";
import { ownFiles } from "./hosts/own-files.ts";
import { ownTerminal } from "./output/terminal.ts";
import { runCommandLine } from "./run.ts";

/** The first Ctrl-C ends an endless command in order; the second one, and any for other commands, ends it at once. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  return stop.signal;
}

/** A reader that exits early, such as `head`, is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const words = process.argv.slice(2);
runCommandLine(words, {
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
