/** Reads what git prints with `-z`: file names and their attributes, of which there may be very many. */
import { decodePath, showPath } from "../model/text/path-bytes.ts";
import { isOverflow } from "../platform/process/exec.ts";
import { createYieldToEventLoop, inBatches } from "../platform/yield-to-event-loop.ts";
import { type Git, type GitOptions, gitProblem, throwAsProblem } from "./git.ts";
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

/** For people: text of `git diff`, with invalid UTF-8 shown as `\351`. */
export interface ShownDiff {
  readonly text: string;
  /** The patch would be too long: `text` has only the names of the files. */
  readonly truncated: boolean;
}

/** What `run` prints with these options, first with those for a patch. @throws Problem with `what` before it */
export async function shownDiff(
  what: string,
  run: (kind: readonly string[], onStdout: (chunk: Buffer) => void) => Promise<unknown>,
): Promise<ShownDiff> {
  const shown = async (...kind: readonly string[]) => {
    const chunks: Buffer[] = [];
    await run(kind, (chunk) => void chunks.push(chunk));
    return showPath(decodePath(Buffer.concat(chunks)));
  };
  try {
    return { text: await shown("--patch"), truncated: false };
  } catch (error) {
    if (!isOverflow(error)) throw gitProblem(what, error);
  }
  return { text: await shown("--name-status", "--no-renames").catch(throwAsProblem(what)), truncated: true };
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
