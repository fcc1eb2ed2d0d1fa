/** Why a command failed, in one line; main.ts sets the exit status. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The command line is invalid, or needs an answer from a terminal: exit status 2. */
export class UsageFailure extends Failure {}

/** For a `catch` that continues after a failure. @throws bugs */
export function keepFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
