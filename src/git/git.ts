/** Runs git hardened: no system or user config, no hooks, no prompts, only the transports that we name. */
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { AbsPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import { FairSemaphore, type FairSemaphoreSettings } from "../platform/fair-semaphore.ts";
import { type Exec, ExecFailure, type ExecOptions, type ExecResult } from "../platform/process/exec.ts";
import { sshArgv } from "./fetch/ssh.ts";
import { codeOfGit, type Damage, damageIn } from "./store/damage.ts";
import { gitDirBeside } from "./store/pointer.ts";
import type { GitPlace, Store } from "./types.ts";

/** The git directory for reading in this store; see `history/reader.ts`. */
export function readerPath(store: AbsPath): string {
  return join(store, "reader");
}

/** The options that `exec` has too mean the same here; `timeoutMs` defaults to the limit of the pace. */
export interface GitOptions
  extends Partial<Omit<ExecOptions, "account" | "cwd" | "fds" | "silenceMs" | "tied">> {
  /**
   * Absent: git is offline. `transfer`: it reaches an upstream and may take longer; silence means that it hangs, because
   * it reports progress all the time. `question`: it reaches an upstream, and does not wait for transfers.
   */
  readonly network?: "transfer" | "question";
  /** The argv of a program that does something first and becomes the git that its last arguments are. */
  readonly first?: readonly string[];
  /** True: damage is an expected answer of this command, and is not reported to `onDamage`. */
  readonly ignoresDamage?: boolean;
}

/** @throws ExecFailure */
export type Git = (place: GitPlace, args: readonly string[], options?: GitOptions) => Promise<ExecResult>;

export interface GitSettings {
  readonly exec: Exec;
  /** The only config file that git reads besides the repository's own; see `renderGitConfig`. */
  readonly globalConfig: AbsPath;
  readonly onRun: (ok: boolean) => void;
  /** Called when git reports damage in a store or a checkout, whether the command failed or not. */
  readonly onDamage?: (place: GitPlace, damage: Damage) => void;
  /** Default: `foregroundPace`. */
  readonly pace?: Pace;
}

/** How many gits run at once and may wait, and how long each may take. */
export interface Pace {
  readonly local: FairSemaphoreSettings;
  /** For transfers. */
  readonly network: FairSemaphoreSettings;
  readonly waiting: number;
  readonly localTimeoutMs: number;
  readonly networkTimeoutMs: number;
  /** A transfer that says nothing for so long is ended. */
  readonly silenceMs: number;
}

/**
 * As long as `http.lowSpeedTime`: a proxy or a server under load may need it, and more would only delay the error.
 * Git has no limit of its own for connecting over HTTP, and none at all for git:// and ssh.
 */
const silenceMs = 60_000;

// One more than cores: one of them waits for the disk.
const localSlots = availableParallelism() + 1;

export const foregroundPace: Pace = {
  // A slow git waits for a disk or writes many files; smaller gits need not wait for it.
  local: { slots: localSlots, yieldAfterMs: 2_000, perOwnerMax: 2 * localSlots },
  network: { slots: 8, yieldAfterMs: 1_000 },
  waiting: Number.POSITIVE_INFINITY,
  localTimeoutMs: 5 * 60_000,
  networkTimeoutMs: 15 * 60_000,
  silenceMs,
};

/** For what the API shows to people: never delays a deployment. */
export const backgroundPace: Pace = {
  local: { slots: 2 },
  network: { slots: 2 },
  waiting: 256,
  localTimeoutMs: 30_000,
  networkTimeoutMs: 60_000,
  silenceMs,
};
/** Dialogs mostly wait for questions; there is at most one for each poll of an upstream. */
const dialogsMax = 32;

export function createGit(settings: GitSettings): Git {
  const { exec, globalConfig, onRun, onDamage, pace = foregroundPace } = settings;
  const local = new FairSemaphore(pace.local);
  const transfers = new FairSemaphore(pace.network);
  const dialogs = new FairSemaphore({ slots: dialogsMax });
  // `git worktree` reads the metadata of all worktrees of a store, and fails on one that another git has half removed.
  const worktrees = new FairSemaphore({ slots: Number.POSITIVE_INFINITY, perOwnerMax: 1 });
  return async (place, args, options = {}) => {
    const { network, ignoresDamage, first = [], ...passedOn } = options;
    const { account, path: owner } = storeAt(place);
    const run = () =>
      exec([...first, "git", ...always, ...placeArgs(place), ...args], {
        timeoutMs: network ? pace.networkTimeoutMs : pace.localTimeoutMs,
        ...passedOn,
        account,
        tied: true,
        ...(network === "transfer" && { silenceMs: pace.silenceMs }),
        env: { ...gitEnv(place, network !== undefined, globalConfig), ...options.env },
      });
    const semaphore = options.dialog ? dialogs : network === "transfer" ? transfers : local;
    if (semaphore.waiting >= pace.waiting)
      throw new Problem("host", "Too much is asked of git at once; try again in a moment");
    const inSlot = () => semaphore.run(owner, run);
    const ran = args[0] === "worktree" ? worktrees.run(owner, inSlot) : inSlot();
    return reporting(ran, (error, stderr) => {
      // A git that its caller has aborted counts as good.
      onRun(error === null || options.signal?.aborted === true);
      const damage = ignoresDamage ? null : damageIn(stderr);
      if (damage !== null) onDamage?.(place, damage);
    });
  };
}

function storeAt(place: GitPlace): Pick<Store, "path" | "account"> {
  return "checkout" in place ? place.store : place;
}

/** Stronger than the config of a store, which belongs to a service's user. */
const always = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

function placeArgs(place: GitPlace): string[] {
  if ("checkout" in place) return ["-C", place.checkout];
  return [`--git-dir=${place.reading ? readerPath(place.path) : place.path}`];
}

function gitEnv(place: GitPlace, isOnline: boolean, globalConfig: AbsPath): Record<string, string> {
  const { account } = storeAt(place);
  return {
    HOME: account.home,
    USER: account.name,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: isOnline ? "file:git:http:https:ssh" : "none",
    // A git that fetches missing objects starts another git, which may miss objects too, and so on without end.
    GIT_NO_LAZY_FETCH: "1",
    GIT_SSH_COMMAND: sshArgv.join(" "),
    GIT_OPTIONAL_LOCKS: "0",
    // A commit id and its signature stand for the commit's own content, not for a replacement in the store.
    GIT_NO_REPLACE_OBJECTS: "1",
    // For reflogs. Without them git queries DNS for this host's name at each checkout, and waits for the reply.
    GIT_COMMITTER_NAME: "gitopper",
    GIT_COMMITTER_EMAIL: "gitopper@localhost",
    ...("checkout" in place && checkoutEnv(place.checkout)),
  };
}

function checkoutEnv(checkout: AbsPath): Record<string, string> {
  const gitDir = gitDirBeside(checkout);
  if (gitDir !== null) return { GIT_DIR: gitDir, GIT_WORK_TREE: checkout };
  // Keeps git from using a repository above a checkout that has lost its own.
  return { GIT_CEILING_DIRECTORIES: dirname(checkout) };
}

/** Reports both failed and successful commands with their stderr: git works around some damage. */
async function reporting(
  pending: Promise<ExecResult>,
  report: (error: unknown, stderr: string) => void,
): Promise<ExecResult> {
  try {
    const result = await pending;
    report(null, result.stderr);
    return result;
  } catch (error) {
    report(error, error instanceof ExecFailure ? error.stderr : "");
    throw error;
  }
}

/** For a `catch`: throws what `gitProblem` makes of the error. */
export function throwAsProblem(what: string, codeOf = codeOfGit): (error: unknown) => never {
  return (error) => {
    throw gitProblem(what, error, codeOf);
  };
}

/** Turns a failed git into a problem with `what` before it; other errors pass. */
export function gitProblem(what: string, error: unknown, codeOf = codeOfGit): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const why = error.keyLine.replace(/^(fatal|error): /, "");
  // Git does not say why, and few reasons are likely.
  const hint = /^unable to write (?:file|new index)[^:]*$/i.test(why) ? "; is its disk full?" : "";
  return new Problem("git", `${what}: ${why}${hint}`, {
    cause: error,
    code: hint ? "disk-full" : codeOf(error),
  });
}
