/** Reads what git prints with `-z`: file names and their attributes, of which there may be very many. */
import { decodePath, showPath } from "../model/text/path-bytes.ts";
import { createYieldToEventLoop, inBatches } from "../platform/yield-to-event-loop.ts";
import type { Git, GitOptions } from "./git.ts";
import type { GitPlace } from "./types.ts";

interface RecordsOptions extends GitOptions {
  /** Default: one of its own. */
  readonly yieldToEventLoop?: () => Promise<void>;
}

/** Yields batches, with names as `decodePath` gives them; all of them when git has ended well. @throws ExecFailure */
export async function* recordsOf(
  git: Git,
  place: GitPlace,
  args: readonly string[],
  { yieldToEventLoop = createYieldToEventLoop(), ...options }: RecordsOptions = {},
): AsyncGenerator<readonly string[]> {
  const chunks: Buffer[] = [];
  await git(place, args, { ...options, onStdout: (chunk) => void chunks.push(chunk) });
  yield* inBatches(splitRecords(Buffer.concat(chunks)), yieldToEventLoop);
}

/** What git prints for people, with invalid UTF-8 shown as `\351`. @throws ExecFailure */
export async function shownTextOf(
  run: (onStdout: (chunk: Buffer) => void) => Promise<unknown>,
): Promise<string> {
  const chunks: Buffer[] = [];
  await run((chunk) => void chunks.push(chunk));
  return showPath(decodePath(Buffer.concat(chunks)));
}

/** The records between NULs; nothing follows the last NUL. */
export function* splitRecords(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(0, at);
    const end = next === -1 ? bytes.length : next;
    yield decodePath(bytes.subarray(at, end));
    at = end + 1;
  }
}
