/** Fetches the tracked branches of an upstream with one `git fetch`, whatever the number of services. */
import { Problem } from "../../model/problem.ts";
import { ExecFailure, type ExecResult } from "../../platform/process/exec.ts";
import { codeOfFetch } from "../failure-code.ts";
import { type Git, type GitOptions, gitProblem } from "../git.ts";
import type { ObjectReader } from "../history/object-reader.ts";
import { quickTips } from "../history/quick-answers.ts";
import { damageIn } from "../store/damage.ts";
import { kindOf } from "../store/store-config.ts";
import type { Store, Tips } from "../types.ts";
import { isThrottled, retryAfterMs, showHeaders, Throttled } from "./throttled.ts";
import { pruneTips, readTips, refInTheWay, tipRef } from "./tip-refs.ts";

const missingRef = /couldn't find remote ref refs\/heads\/([^\n]+)/;

/** With `--progress` git reports progress; without news it is silent all the same. */
export const fetchOptions = ["--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"];
export const noFiles = "--filter=blob:none";
/** Without this git ignores the new commits of a shallow upstream, and reports success. */
const shallowToo = "--update-shallow";
/** Most configuration files are smaller; see docs/decisions/0027. */
const smallFiles = "--filter=blob:limit=16k";
/** With more objects, all services of the upstream would wait for files that few of them need. */
const smallFilesMax = 2_000;
/** "remote: Enumerating objects: 5023, done.", "Receiving objects:   0% (1/5023)"; see progress.c of git. */
const objectsReported = /\bobjects: +(?:\d+% \(\d+\/)?(\d+)/g;
/** Until `git worktree add` ends, HEAD of its worktree names no commit; a fetch that reads it fails with this message. */
const halfMade = /bad object worktrees\/[^/\n]+\/HEAD/;
/** A server may allow some filters and not others (git-config(1), `uploadpackfilter`). */
const otherFilter = /filter '?blob:limit/;

function wantsOtherFilter(error: unknown): boolean {
  const failure = error instanceof Problem ? error.cause : null;
  return failure instanceof ExecFailure && otherFilter.test(failure.keyLine);
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
  /** Called for a branch that cannot be fetched while others can. */
  readonly onTrouble?: (branch: string, problem: Problem) => void;
}

/**
 * `known` are the tips of the last fetch. They are the result when git reports no change.
 * @throws Problem when upstream cannot be reached
 */
export async function fetchTips(
  store: Store,
  branches: readonly string[],
  git: Git,
  options: FetchOptions,
): Promise<Tips> {
  const { known } = options;
  let wanted = [...branches];
  // Git names one missing branch at a time, and fetches nothing then.
  while (wanted.length > 0) {
    const fetched = await fetchOnce(store, wanted, git, options).catch((error: unknown) => {
      if (wanted.length === 1 || !isOfBranch(error)) throw error;
      return null;
    });
    if (fetched === null) return fetchEach(store, wanted, git, options);
    if (fetched.missing !== null) wanted = wanted.filter((branch) => branch !== fetched.missing);
    else if (fetched.news || known?.size !== wanted.length || !wanted.every((branch) => known.has(branch)))
      return newTips(store, wanted, git, options);
    else return known;
  }
  return new Map();
}

/** Messages that concern the whole upstream, whatever the branch. */
const ofUpstream =
  /unable to (?:access|connect|look up)|Could not (?:read from remote|resolve)|does not appear to be/m;

/** Whether the other branches may still be fetched one by one. */
function isOfBranch(error: unknown): boolean {
  const failure = error instanceof Problem ? error.cause : null;
  if (!(failure instanceof ExecFailure) || error instanceof Throttled) return false;
  return failure.cut === null && !ofUpstream.test(failure.stderr) && damageIn(failure.stderr) === null;
}

/** Fetches one branch after another; the first two failing alike means that the upstream fails. @throws Problem */
async function fetchEach(
  store: Store,
  branches: readonly string[],
  git: Git,
  options: FetchOptions,
): Promise<Tips> {
  const failed = new Map<string, Problem>();
  const fetched: string[] = [];
  for (const branch of branches) {
    try {
      if ((await fetchOnce(store, [branch], git, options)).missing === null) fetched.push(branch);
    } catch (error) {
      if (!isOfBranch(error) || !(error instanceof Problem)) throw error;
      failed.set(branch, error);
      if (fetched.length === 0 && failed.size === 2) throw error;
    }
  }
  for (const [branch, problem] of failed) {
    const message = `Cannot follow branch ${JSON.stringify(branch)}: ${problem.message}`;
    options.onTrouble?.(branch, new Problem("git", message, { cause: problem }));
  }
  return fetched.length === 0 ? new Map() : newTips(store, fetched, git, options);
}

async function newTips(
  store: Store,
  branches: readonly string[],
  git: Git,
  { reader, onTrouble }: FetchOptions,
): Promise<Tips> {
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

/** Repeats a fetch once, if refs of branches no longer followed were in the way, or a checkout was being added. */
async function withRoom(
  store: Store,
  branches: readonly string[],
  git: Git,
  ...[args, options]: [readonly string[], GitOptions]
): Promise<ExecResult> {
  const run = () => git(store, args, options);
  return run().catch(async (error: unknown) => {
    const said = error instanceof ExecFailure ? error.stderr : "";
    if (refInTheWay.test(said)) await pruneTips(store, branches, git);
    else if (halfMade.test(said)) await untilMade(store, git);
    else throw error;
    return run();
  });
}

/** `git worktree` commands run one at a time here, so this waits for the one that adds a worktree. */
async function untilMade(store: Store, git: Git): Promise<void> {
  await git(store, ["worktree", "list", "--porcelain"]);
}

async function fetchOnce(
  store: Store,
  branches: readonly string[],
  git: Git,
  options: FetchOptions,
): Promise<Fetched> {
  const isPartial = kindOf(store) === "partial";
  const plain = isPartial ? { filter: [noFiles] } : { filter: [] };
  if (!isPartial || !options.hurried || options.known === null)
    return fetchFiltered(store, branches, git, { ...options, ...plain });
  const tooMany = new AbortController();
  try {
    return await fetchFiltered(store, branches, git, { ...options, filter: [smallFiles], tooMany });
  } catch (error) {
    if (options.signal.aborted || !(tooMany.signal.aborted || wantsOtherFilter(error))) throw error;
    const fetched = await fetchFiltered(store, branches, git, { ...options, ...plain });
    // A fetch that was stopped may have moved refs already, so the next one reports no change.
    return { ...fetched, news: fetched.news || tooMany.signal.aborted };
  }
}

interface Filtered extends FetchOptions {
  readonly filter: readonly string[];
  /** Aborted, and the fetch with it, when the server has very many objects to send. */
  readonly tooMany?: AbortController;
}

async function fetchFiltered(
  store: Store,
  branches: readonly string[],
  git: Git,
  options: Filtered,
): Promise<Fetched> {
  const { signal, filter, tooMany, wasThrottled } = options;
  const refspecs = branches.map((branch) => `+refs/heads/${branch}:${tipRef(branch)}`);
  try {
    const args = ["fetch", ...fetchOptions, shallowToo, ...filter, "origin", ...refspecs];
    const { stderr } = await withRoom(store, branches, git, args, {
      network: true,
      isTransfer: true,
      onStderr: hearing(options),
      signal: tooMany ? AbortSignal.any([signal, tooMany.signal]) : signal,
      ...(wasThrottled && { env: showHeaders }),
    });
    return { missing: null, news: stderr !== "" };
  } catch (error) {
    const missing = error instanceof ExecFailure ? missingRef.exec(error.keyLine)?.[1] : undefined;
    if (missing !== undefined && branches.includes(missing)) return { missing, news: false };
    throw fetchProblem(store, error);
  }
}

function reportsTooMany(words: string): boolean {
  return words.matchAll(objectsReported).some(([, count]) => Number(count) > smallFilesMax);
}

/** Git prints something when there is news; the reader is started for the questions that follow. */
function hearing({ known, reader, tooMany }: Filtered): (words: string) => void {
  let isFirst = true;
  return (words) => {
    if (isFirst && known !== null) reader?.warm([...known.values()].flatMap((tip) => [tip, `${tip}^{tree}`]));
    isFirst = false;
    if (tooMany && reportsTooMany(words)) tooMany.abort();
  };
}

const noAccess = /could not read (?:Username|Password)|Authentication failed|Permission denied \(/;

/** Adds what git's message leaves open. */
function meaningOf({ cut, stderr }: ExecFailure): string | null {
  if (noAccess.test(stderr)) return "upstream wants other credentials";
  return cut === "silence" ? "upstream takes connections and does not answer" : null;
}

/** Turns a failed fetch into a Problem that says why upstream could not be reached. */
export function fetchProblem(store: Store, error: unknown): unknown {
  const problem = explainedProblem(store, error);
  if (!(problem instanceof Problem && error instanceof ExecFailure && isThrottled(error))) return problem;
  return new Throttled(problem.message, retryAfterMs(error.stderr, new Date()), { cause: error });
}

function explainedProblem({ upstream }: Store, error: unknown): unknown {
  const what = `Cannot fetch ${JSON.stringify(upstream)}`;
  const problem = gitProblem(what, error, codeOfFetch);
  if (!(problem instanceof Problem && error instanceof ExecFailure)) return problem;
  const meaning = meaningOf(error);
  if (meaning === null) return problem;
  return new Problem("git", `${problem.message}; ${meaning}`, { cause: error, code: problem.code });
}
