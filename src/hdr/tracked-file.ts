/** Finds the origin of a file in a work tree, with git. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parsePointer, pointerBeside } from "../model/pointer.ts";
import { type Exec, ExecFailure, type ExecResult } from "../platform/process/exec.ts";
import type { FileInRemote } from "./web-url.ts";

/** What is wrong with a file, in one line for people. */
export class HeaderFailure extends Error {
  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`Cannot make a header for "${file}": ${why}`, options);
    this.name = "HeaderFailure";
  }
}

type Git = (args: readonly string[], okStatus?: readonly number[]) => Promise<ExecResult>;

/**
 * `place` is the checkout of gitopper that has the file, if git cannot find that out.
 * @throws HeaderFailure when the file is in no work tree, is not tracked, or there is no origin
 */
export async function observeTrackedFile(
  exec: Exec,
  file: string,
  place: WholeCheckout | null = null,
): Promise<FileInRemote> {
  const git = gitAt(exec, dirname(resolve(file)), place);
  try {
    const path = await pathInRepository(git, file);
    return { path, remote: await originOf(git, file), branch: await branchOf(git) };
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new HeaderFailure(file, error.keyLine.replace(/^fatal: /, ""), { cause: error });
  }
}

const gitTimeoutMs = 10_000;

/** Git's user config applies: it contains `safe.directory` and `url.<base>.insteadOf`. */
function gitAt(exec: Exec, directory: string, place: WholeCheckout | null): Git {
  const { HOME, XDG_CONFIG_HOME } = process.env;
  const env = {
    ...(HOME && { HOME }),
    ...(XDG_CONFIG_HOME && { XDG_CONFIG_HOME }),
    ...(place && { GIT_DIR: place.gitDir, GIT_WORK_TREE: place.checkout }),
  };
  return (args, okStatus = [0]) =>
    exec(["git", "-C", directory, "--literal-pathspecs", ...args], {
      env,
      okStatus,
      timeoutMs: gitTimeoutMs,
    });
}

async function pathInRepository(git: Git, file: string): Promise<string> {
  const name = basename(resolve(file));
  const prefix = await git(["rev-parse", "--show-prefix"]);
  const path = prefix.stdout.replace(/\n$/, "") + name;
  const listed = await git(["ls-files", "-z", "--full-name", "--", name]);
  if (listed.stdout !== `${path}\0`)
    throw new HeaderFailure(file, "it is not a file that git tracks; add it first");
  return path;
}

/** git-remote(1) exits with 2 for a remote that does not exist. */
async function originOf(git: Git, file: string): Promise<string> {
  const remote = await git(["remote", "get-url", "origin"], [0, 2, 128]);
  if (remote.status !== 0) throw new HeaderFailure(file, 'the repository has no remote "origin"');
  return remote.stdout.trim();
}

/** The current branch; for a detached HEAD the remote's default branch, else the commit. */
async function branchOf(git: Git): Promise<string> {
  const current = await git(["symbolic-ref", "--quiet", "--short", "HEAD"], [0, 1]);
  if (current.status === 0) return current.stdout.trim();
  const remote = await git(["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"], [0, 1]);
  if (remote.status === 0) return remote.stdout.trim().replace(/^origin\//, "");
  return (await git(["rev-parse", "HEAD"])).stdout.trim();
}

/** A checkout of gitopper that is mounted as a whole: it contains no pointer to its git directory. */
interface WholeCheckout {
  readonly checkout: string;
  readonly gitDir: string;
  /** True: git's directory belongs to this user. Git refuses others, because their config can run programs. */
  readonly isOwn: boolean;
}

/** The checkout that has a file; null: none, or a repository that git finds itself. */
export function findWholeCheckout(file: string): WholeCheckout | null {
  for (let at = dirname(resolve(file)); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return null;
    const gitDir = parsePointer(readOrNull(pointerBeside(at)));
    const seen = gitDir === null ? undefined : statSync(gitDir, { throwIfNoEntry: false });
    if (gitDir !== null && seen !== undefined)
      return { checkout: at, gitDir, isOwn: seen.uid === process.getuid?.() };
  }
  return null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
