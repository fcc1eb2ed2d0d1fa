/** Fetches the tracked branches of an upstream with one `git fetch`, whatever the number of services. */
import { Problem } from "../../model/problem.ts";
import { ExecFailure, type ExecResult } from "../../platform/process/exec.ts";
import { type Git, type GitOptions, gitProblem } from "../git.ts";
import type { ObjectReader } from "../history/object-reader.ts";
import { quickTips } from "../history/quick-answers.ts";
import { codeOfFetch, damageIn } from "../store/damage.ts";
import { kindOf } from "../store/store-config.ts";
import type { Store, Tips } from "../types.ts";
import { bundlePath } from "../upstream.ts";
import { isThrottled, retryAfterMs, showHeaders, Throttled } from "./throttled.ts";
import { pruneTips, readTips, refInTheWay, tipRef } from "./tip-refs.ts";

const missingRef = /couldn't find remote ref refs\/heads\/([^\n]+)/;

/** With `--progress` git reports progress; without news it is silent all the same. */
export const fetchOptions = ["--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"];
const noFiles = "--filter=blob:none";
/** Without this git ignores the new commits of a shallow upstream, and reports success; with a bundle it warns. */
const shallowToo = "--update-shallow";
/** Most configuration files are smaller; see docs/decisions/0027. */
const smallFiles = "--filter=blob:limit=16k";
/** With more objects, all services of the upstream would wait for files that few of them need. */
const smallFilesMax = 2_000;
/** "remote: Enumerating objects: 5023, done.", "Receiving objects:   0% (1/5023)"; see progress.c of git. */
const objectsReported = /\bobjects: +(?:\d+% \(\d+\/)?(\d+)/g;
/**
 * While `git worktree add` or `remove` of an administrator or of gitopper runs, `commondir` of its worktree may be empty,
 * and HEAD may name no commit; a fetch that reads them fails with these messages.
 */
const halfMade = /bad object worktrees\/[^/\n]+\/HEAD|\/worktrees\/[^/\n]+\/commondir: Success/;
/** A server may allow some filters and not others (git-config(1), `uploadpackfilter`). */
const otherFilter = /filter '?blob:limit/;

/** Leaves files out where the store takes them one by one. */
export function filterOf(store: Store): readonly string[] {
  return kindOf(store) === "partial" ? [noFiles] : [];
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly known: Tips | null;
  /** Reads the new tips without a process; absent: git reads them. */
  readonly reader?: ObjectReader;
  /** True: a service waits for the new commits. */
  readonly hurried?: boolean;
  /** True: upstream was too busy the last time; the fetch reads from its headers how long it wants a pause. */
  readonly wasThrottled?: boolean;
  /** True: some service deploys commits without a signature. */
  readonly unsigned?: boolean;
  /** How many commits of each branch are fetched, where the upstream is not a bundle; absent: all. */
  readonly depth?: number;
  /** Called for a branch that cannot be fetched while others can. */
  readonly onTrouble?: (branch: string, problem: Problem) => void;
}

interface Fetching extends FetchOptions {
  readonly store: Store;
  readonly git: Git;
}

/**
 * `known` are the tips of the last fetch. They are the result when git reports no change.
 * @throws Problem when upstream cannot be reached
 */
export async function fetchTips(branches: readonly string[], fetching: Fetching): Promise<Tips> {
  const { known } = fetching;
  let wanted = [...branches];
  // Git names one missing branch at a time, and fetches nothing then.
  while (wanted.length > 0) {
    const fetched = await fetchOnce(wanted, fetching).catch((error: unknown) => {
      if (wanted.length === 1 || !isOfBranch(error)) throw error;
      return null;
    });
    if (fetched === null) return fetchEach(wanted, fetching);
    if (fetched.missing !== null) wanted = wanted.filter((branch) => branch !== fetched.missing);
    else if (fetched.news || known?.size !== wanted.length || !wanted.every((branch) => known.has(branch)))
      return newTips(wanted, fetching);
    else return known;
  }
  return new Map();
}

/** Messages that concern the whole upstream, whatever the branch. */
const ofUpstream =
  /unable to (?:access|connect|look up)|Could not (?:read from remote|resolve)|does not appear to be/m;

function failureIn(error: unknown): ExecFailure | null {
  return error instanceof Problem && error.cause instanceof ExecFailure ? error.cause : null;
}

/** Whether the other branches may still be fetched one by one. */
function isOfBranch(error: unknown): boolean {
  const failure = failureIn(error);
  if (failure === null || error instanceof Throttled) return false;
  return failure.cut === null && !ofUpstream.test(failure.stderr) && damageIn(failure.stderr) === null;
}

/** Fetches one branch after another; the first two failing alike means that the upstream fails. @throws Problem */
async function fetchEach(branches: readonly string[], fetching: Fetching): Promise<Tips> {
  const failed = new Map<string, Problem>();
  const fetched: string[] = [];
  for (const branch of branches) {
    try {
      if ((await fetchOnce([branch], fetching)).missing === null) fetched.push(branch);
    } catch (error) {
      if (!isOfBranch(error) || !(error instanceof Problem)) throw error;
      failed.set(branch, error);
      if (fetched.length === 0 && failed.size === 2) throw error;
    }
  }
  for (const [branch, problem] of failed) {
    const message = `Cannot follow branch ${JSON.stringify(branch)}: ${problem.message}`;
    fetching.onTrouble?.(branch, new Problem("git", message, { cause: problem }));
  }
  return fetched.length === 0 ? new Map() : newTips(fetched, fetching);
}

async function newTips(branches: readonly string[], fetching: Fetching): Promise<Tips> {
  const { store, git, reader, onTrouble } = fetching;
  const tips = reader && (await quickTips(reader, branches).catch(() => null));
  const onOther = (branch: string, type: string) => onTrouble?.(branch, noCommit(branch, type));
  return tips ?? readTips(store, branches, git, onOther);
}

function noCommit(branch: string, type: string): Problem {
  const message = `Cannot follow branch ${JSON.stringify(branch)}: it is at a ${type}, not at a commit; push a commit to it`;
  return new Problem("git", message, { code: "branch-missing" });
}

interface Fetched {
  /** A branch that upstream does not have; nothing was fetched then. */
  readonly missing: string | null;
  /** Git printed something, as it does for every branch that moved. */
  readonly news: boolean;
}

/** Repeats a fetch once, if refs of branches no longer followed were in the way, or a checkout was being removed. */
async function withRoom(
  branches: readonly string[],
  { store, git }: Fetching,
  args: readonly string[],
  options: GitOptions,
): Promise<ExecResult> {
  const run = () => git(store, args, options);
  return run().catch(async (error: unknown) => {
    const said = error instanceof ExecFailure ? error.stderr : "";
    if (refInTheWay.test(said)) await pruneTips(store, branches, git);
    // `git worktree` commands run one at a time here, so this waits for the one that removes a worktree.
    else if (halfMade.test(said)) await git(store, ["worktree", "list", "--porcelain"]);
    else throw error;
    return run();
  });
}

async function fetchOnce(branches: readonly string[], fetching: Fetching): Promise<Fetched> {
  const plain = { ...fetching, filter: filterOf(fetching.store) };
  if (plain.filter.length === 0 || !fetching.hurried || fetching.known === null)
    return fetchFiltered(branches, plain);
  const tooMany = new AbortController();
  try {
    return await fetchFiltered(branches, { ...fetching, filter: [smallFiles], tooMany });
  } catch (error) {
    const wantsOther = otherFilter.test(failureIn(error)?.keyLine ?? "");
    if (fetching.signal.aborted || !(tooMany.signal.aborted || wantsOther)) throw error;
    const fetched = await fetchFiltered(branches, plain);
    // A fetch that was stopped may have moved refs already, so the next one reports no change.
    return { ...fetched, news: fetched.news || tooMany.signal.aborted };
  }
}

interface Filtered extends Fetching {
  readonly filter: readonly string[];
  /** Aborted, and the fetch with it, when the server has very many objects to send. */
  readonly tooMany?: AbortController;
}

async function fetchFiltered(branches: readonly string[], fetching: Filtered): Promise<Fetched> {
  const { signal, filter, tooMany, wasThrottled, depth } = fetching;
  const refspecs = branches.map((branch) => `+refs/heads/${branch}:${tipRef(branch)}`);
  try {
    const history = depth === undefined ? [] : [`--depth=${depth}`];
    const ofServer = bundlePath(fetching.store.upstream) === null ? [shallowToo, ...history] : [];
    const args = ["fetch", ...fetchOptions, ...ofServer, ...filter, "origin", ...refspecs];
    const { stderr } = await withRoom(branches, fetching, args, {
      network: "transfer",
      onStderr: hearing(fetching),
      signal: tooMany ? AbortSignal.any([signal, tooMany.signal]) : signal,
      ...(wasThrottled && { env: showHeaders }),
    });
    return { missing: null, news: stderr !== "" };
  } catch (error) {
    const missing = error instanceof ExecFailure ? missingRef.exec(error.keyLine)?.[1] : undefined;
    if (missing !== undefined && branches.includes(missing)) return { missing, news: false };
    throw fetchProblem(fetching.store, error);
  }
}

/** Git prints something when there is news; the reader is started for the questions that follow. */
function hearing({ known, reader, tooMany }: Filtered): (words: string) => void {
  let isFirst = true;
  return (words) => {
    if (isFirst && known !== null) reader?.warm([...known.values()].flatMap((tip) => [tip, `${tip}^{tree}`]));
    isFirst = false;
    const counts = words.matchAll(objectsReported);
    if (tooMany && counts.some(([, count]) => Number(count) > smallFilesMax)) tooMany.abort();
  };
}

const noAccess = /could not read (?:Username|Password)|Authentication failed|Permission denied \(/;

/** Adds what git's message leaves open. */
function meaningOf({ cut, stderr }: ExecFailure): string | null {
  if (noAccess.test(stderr)) return "upstream wants other credentials";
  return cut === "silence" ? "upstream takes connections and does not answer" : null;
}

/** Turns a failed fetch into a Problem that says why upstream could not be reached. */
export function fetchProblem({ upstream }: Store, error: unknown): unknown {
  const problem = gitProblem(`Cannot fetch ${JSON.stringify(upstream)}`, error, codeOfFetch);
  if (!(problem instanceof Problem && error instanceof ExecFailure)) return problem;
  const meaning = meaningOf(error);
  const message = meaning === null ? problem.message : `${problem.message}; ${meaning}`;
  if (isThrottled(error))
    return new Throttled(message, retryAfterMs(error.stderr, new Date()), { cause: error });
  return new Problem("git", message, { cause: error, code: problem.code });
}
