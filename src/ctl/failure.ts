/** What a command could not do, in one line for people; main.ts gives it its exit status. */
export class Failure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failure";
  }
}

/** What was asked for makes no sense, or needs an answer that nobody is there to give: exit status 2. */
export class UsageFailure extends Failure {}

/** For a catch that goes on with what could not be done. @throws what is a bug */
export function keepFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
