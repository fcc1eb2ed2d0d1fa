/** What is needed once: `gitopper init` and `gitopper --check --online`. Built into a file of its own (rolldown.config.ts). */
import type { Options } from "../daemon/options.ts";
import { failureLines, linesOf, write } from "../daemon/output.ts";
import { exec } from "../platform/process/exec.ts";
import { init } from "./init.ts";
import { checkOnline } from "./online/check-online.ts";
import { parseInit } from "./options.ts";
import { isInterrupt, personAt } from "./person.ts";

/** Returns the exit status: 0 all is well, 1 something is wrong. */
export function runOnlineCheck(options: Options): Promise<number> {
  return untilInterrupted(async (stopping) => {
    const { text, faults } = await checkOnline(options, stopping);
    await write(process.stdout, text);
    await write(process.stderr, failureLines(faults));
    return faults.length === 0 ? 0 : 1;
  });
}

/** Returns the exit status. */
export async function runInit(argv: readonly string[]): Promise<number> {
  const parsed = parseInit(argv);
  if (!parsed.ok) {
    const good = parsed.status === 0;
    await write(
      good ? process.stdout : process.stderr,
      good ? `${parsed.text}\n` : failureLines([parsed.text]),
    );
    return parsed.status;
  }
  const { flags } = parsed;
  return untilInterrupted(async (stopping) => {
    await init({
      ...{ flags, exec, stopping },
      person: flags.yes ? null : personAt(process),
      say: (line) => void process.stdout.write(`${line}\n`),
      warn: (line) => void process.stderr.write(failureLines([line])),
    });
    return 0;
  });
}

const interruptedStatus = 130;

/** SIGINT and SIGTERM end the work in order: what was made for a moment is removed. */
async function untilInterrupted(work: (stopping: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  // A reader that has gone, as with "| head", does not keep the work from its end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  try {
    return await work(stop.signal);
  } catch (error) {
    const interrupted = stop.signal.aborted || isInterrupt(error);
    await write(process.stderr, failureLines(interrupted ? ["interrupted"] : linesOf(error)));
    return interrupted ? interruptedStatus : 1;
  }
}
