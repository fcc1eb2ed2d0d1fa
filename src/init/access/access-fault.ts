/** Tells from the messages of git and ssh why an upstream refuses access. Pure. */
import type { Problem } from "../../model/problem.ts";
import { ExecFailure } from "../../platform/process/exec.ts";

export type AccessFault =
  /** ssh has never seen the server. */
  | "host-key-unknown"
  | "host-key-changed"
  /** The server accepts none of the user's keys. */
  | "key-refused"
  /** The server wants a user name and a password. */
  | "login-wanted"
  | "other";

/** The first that matches counts. */
const words: readonly (readonly [AccessFault, RegExp])[] = [
  ["host-key-changed", /REMOTE HOST IDENTIFICATION HAS CHANGED/],
  ["host-key-unknown", /Host key verification failed|host key is known for/],
  ["key-refused", /Permission denied \(|Too many authentication failures/],
  ["login-wanted", /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]/],
];

const causesMax = 5;

export function accessFault(problem: Problem): AccessFault {
  const said = stderrOf(problem);
  return words.find(([, pattern]) => pattern.test(said))?.[0] ?? "other";
}

function stderrOf(problem: Problem): string {
  let cause: unknown = problem;
  for (let depth = 0; depth < causesMax && cause instanceof Error; depth++) {
    if (cause instanceof ExecFailure) return cause.stderr;
    cause = cause.cause;
  }
  return problem.message;
}
