/** Turns an error into a problem for people; an unexpected error is a bug, logged with its stack. */
import { Problem, type ProblemPart } from "../model/problem.ts";
import { messageOf } from "../model/text/error-message.ts";
import type { Log } from "../platform/log.ts";
import { ExecFailure } from "../platform/process/exec.ts";

/** SQLITE_FULL; sqlite.org/rescode.html. */
const sqliteFull = 13;

/** `part` is taken for failures of the outside world that no stage has explained. */
export function toProblem(error: unknown, part: ProblemPart, log: Log): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ExecFailure) return new Problem(part, error.message, { cause: error });
  if (isStateFileError(error))
    return new Problem("host", `Cannot use the state file: ${error.message}`, {
      cause: error,
      code: "errcode" in error && error.errcode === sqliteFull ? "disk-full" : undefined,
    });
  if (isSystemError(error)) return new Problem("host", error.message, { cause: error });
  logBug(error, log);
  return new Problem("host", `A bug in gitopper, please report it: ${messageOf(error)}`, { code: "bug" });
}

export function logBug(error: unknown, log: Log): void {
  log.error({ err: error }, "a bug in gitopper");
}

/** A full disk, a read-only file system, no permission: errors with the name of the system call that failed. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function isStateFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}
