/** Runs git hardened: no system or user config, no hooks, no prompts, only the transports that we name. */
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import type { Account } from "../model/account.ts";
import type { AbsPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import { FairLimit, type FairLimitSettings } from "../platform/fair-semaphore.ts";
import { type Dialog, type Exec, ExecFailure, type ExecResult } from "../platform/process/exec.ts";
import { sshArgv } from "./fetch/ssh.ts";
import { readerPath } from "./history/reader.ts";
import { type Damage, damageIn } from "./store/damage.ts";
import { gitDirBeside } from "./store/pointer.ts";

/** Where git runs: in a bare store, or in a checkout. `reading`: it sees the objects and refs of the store, and no upstream. */
export type GitPlace = { readonly store: AbsPath; readonly reading?: true } | { readonly checkout: AbsPath };

export interface GitOptions {
  readonly account: Account;
  /** True: it talks to an upstream, and may take longer. No other git reaches one. */
  readonly network?: boolean;
  /** True: it does nothing but that, and tells of its progress all the time: when it is silent, nothing goes on any more. */
  readonly talks?: boolean;
  /** Less than it may take anyway. */
  readonly timeoutMs?: number;
  readonly okStatus?: readonly number[];
  readonly input?: string;
  readonly dialog?: Dialog;
  /** Hears what it says on stderr, as it comes. */
  readonly onWords?: (words: string) => void;
  readonly stdoutFd?: number;
  readonly stdoutMaxBytes?: number;
  /** Hears stdout instead of its being kept; see `recordsOf`. */
  readonly hear?: (chunk: Buffer) => void;
  /** True: no more of stdout is wanted, and it is ended; see `exec`. */
  readonly enough?: (chunk: Buffer) => boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** True: what it says of damage is an answer to what was asked, and `onDamage` does not hear it. */
  readonly quiet?: boolean;
  readonly signal?: AbortSignal;
}

/** @throws ExecFailure */
export type Git = (place: GitPlace, args: readonly string[], options: GitOptions) => Promise<ExecResult>;

export interface GitSettings {
  readonly exec: Exec;
  /** The only config that git reads besides the repository's own; see `renderGitConfig`. */
  readonly globalConfig: AbsPath;
  readonly onRun: (ok: boolean) => void;
  /** Hears of what git says is wrong with a store or a checkout, whether it could do its work or not. */
  readonly onDamage?: (place: GitPlace, damage: Damage) => void;
  /** Among whom the places are shared out; default: each store, and each checkout. */
  readonly ownerOf?: (place: GitPlace) => string;
  /** Default: those of deployments. */
  readonly pace?: Pace;
}

/** How many run at once and may wait, and how long each may take. */
export interface Pace {
  readonly local: FairLimitSettings;
  /** For those that talk. */
  readonly network: FairLimitSettings;
  readonly waiting: number;
  readonly localTimeoutMs: number;
  readonly networkTimeoutMs: number;
  /** Of those that talk. */
  readonly silenceMs: number;
}

/**
 * As long as `http.lowSpeedTime`: a proxy or a server under load may need it, and more would only delay the reason.
 * Git has no limit of its own for connecting over HTTP, and none at all for git:// and ssh.
 */
const silenceMs = 60_000;

// One more than cores: one of them waits for the disk.
const localPlaces = availableParallelism() + 1;

export const pressing: Pace = {
  // A long one waits for a disk or for files of its upstream, or has many to write: smaller ones need not wait for it.
  local: { places: localPlaces, holdMs: 2_000, ofOneMax: 2 * localPlaces },
  network: { places: 8, holdMs: 1_000 },
  waiting: Number.POSITIVE_INFINITY,
  localTimeoutMs: 5 * 60_000,
  networkTimeoutMs: 15 * 60_000,
  silenceMs,
};

/** For what people look at: it never stands in a deployment's way. */
export const leisurely: Pace = {
  local: { places: 2 },
  network: { places: 2 },
  waiting: 256,
  localTimeoutMs: 30_000,
  networkTimeoutMs: 60_000,
  silenceMs,
};
/** They mostly wait to be asked, at most one for each look at an upstream. */
const dialogsMax = 32;

const byPlace = (place: GitPlace): string => ("store" in place ? place.store : place.checkout);

export function createGit(settings: GitSettings): Git {
  const { exec, globalConfig, onRun, onDamage, ownerOf = byPlace, pace = pressing } = settings;
  const local = new FairLimit(pace.local);
  const network = new FairLimit(pace.network);
  const dialogs = new FairLimit({ places: dialogsMax });
  // git worktree reads the administration of all worktrees of a store, and dies of one that another git has half made.
  const worktrees = new FairLimit({ places: Number.POSITIVE_INFINITY, ofOneMax: 1 });
  return async (place, args, options) => {
    const { account, okStatus, input, dialog, onWords, stdoutFd, stdoutMaxBytes, hear, enough, signal } =
      options;
    const run = () =>
      exec(["git", ...always, ...placeArgs(place), ...args], {
        account,
        tied: true,
        timeoutMs: options.timeoutMs ?? (options.network ? pace.networkTimeoutMs : pace.localTimeoutMs),
        ...(options.talks && { silenceMs: pace.silenceMs }),
        env: { ...gitEnv(place, options, globalConfig), ...options.env },
        ...(okStatus && { okStatus }),
        ...(input !== undefined && { input }),
        ...(dialog && { dialog }),
        ...(onWords && { onWords }),
        ...(stdoutFd !== undefined && { stdoutFd }),
        ...(stdoutMaxBytes !== undefined && { stdoutMaxBytes }),
        ...(hear && { hear }),
        ...(enough && { enough }),
        ...(signal && { signal }),
      });
    const limit = dialog ? dialogs : options.talks ? network : local;
    if (limit.waiting >= pace.waiting)
      throw new Problem("host", "Too much is asked of git at once; try again in a moment");
    const owner = ownerOf(place);
    const placed = () => limit.run(owner, run);
    const ran = args[0] === "worktree" ? worktrees.run(owner, placed) : placed();
    const tell = (damage: Damage) => options.quiet || onDamage?.(place, damage);
    return heard(counted(ran, onRun, signal), tell);
  };
}

/** Stronger than the config of a store, which belongs to a service's user. */
const always = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

function placeArgs(place: GitPlace): string[] {
  if (!("store" in place)) return ["-C", place.checkout];
  return [`--git-dir=${place.reading ? readerPath(place.store) : place.store}`];
}

function gitEnv(
  place: GitPlace,
  { account, network }: Pick<GitOptions, "account" | "network">,
  globalConfig: AbsPath,
): Record<string, string> {
  return {
    HOME: account.home,
    USER: account.name,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: network ? "file:git:http:https:ssh" : "none",
    // A git that fetches what it misses starts another, which may miss something too, and so on without end.
    GIT_NO_LAZY_FETCH: "1",
    GIT_SSH_COMMAND: sshArgv.join(" "),
    GIT_OPTIONAL_LOCKS: "0",
    // A commit's id, and whoever signed it, stand for what it names, not for what a store puts in its place.
    GIT_NO_REPLACE_OBJECTS: "1",
    // For its reflogs; without them git asks DNS for this host's name at each checkout, and waits for an answer.
    GIT_COMMITTER_NAME: "gitopper",
    GIT_COMMITTER_EMAIL: "gitopper@localhost",
    ...("checkout" in place && checkoutEnv(place.checkout)),
  };
}

function checkoutEnv(checkout: AbsPath): Record<string, string> {
  const gitDir = gitDirBeside(checkout);
  if (gitDir !== null) return { GIT_DIR: gitDir, GIT_WORK_TREE: checkout };
  // Keeps git from taking a repository above a checkout that has lost its own.
  return { GIT_CEILING_DIRECTORIES: dirname(checkout) };
}

/** What its caller has stopped is no error. */
async function counted(
  pending: Promise<ExecResult>,
  onRun: (ok: boolean) => void,
  signal: AbortSignal | undefined,
): Promise<ExecResult> {
  try {
    const result = await pending;
    onRun(true);
    return result;
  } catch (error) {
    onRun(signal?.aborted === true);
    throw error;
  }
}

/** Git works around some damage without failing, and complains each time. */
async function heard(
  pending: Promise<ExecResult>,
  onDamage: (damage: Damage) => unknown,
): Promise<ExecResult> {
  const listen = (stderr: string) => {
    const damage = stderr === "" ? null : damageIn(stderr);
    if (damage !== null) onDamage(damage);
  };
  try {
    const result = await pending;
    listen(result.stderr);
    return result;
  } catch (error) {
    if (error instanceof ExecFailure) listen(error.stderr);
    throw error;
  }
}

/** The config that every git of ours reads; `localUpstreams` are trusted though another user owns them. */
export function renderGitConfig(localUpstreams: readonly string[]): string {
  const trusted = localUpstreams.map((path) => `\tdirectory = ${JSON.stringify(path)}\n`).join("");
  return `# Written by gitopper at every start.
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
\tupdateSparsePath = false
[submodule]
\trecurse = false
[fetch]
\trecurseSubmodules = false
[http]
\tlowSpeedLimit = 100
\tlowSpeedTime = 60
[safe]
${trusted}`;
}

/** Turns a failed git into a problem with `what` before it; other errors pass. */
export function gitProblem(what: string, error: unknown): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const why = error.telling.replace(/^(fatal|error): /, "");
  // Git does not say why, and there are few reasons.
  const hint = /^unable to write (?:file|new index)[^:]*$/i.test(why) ? "; is its disk full?" : "";
  return new Problem("git", `${what}: ${why}${hint}`, { cause: error });
}
