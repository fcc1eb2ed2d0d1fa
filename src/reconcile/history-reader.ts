/** Answers questions about the commits of one store, each once for all services of the store. */
import { isAtLink } from "../git/checkout/attributes.ts";
import type { Git } from "../git/git.ts";
import { commitInfo, countBetween } from "../git/history/log.ts";
import { ObjectReader } from "../git/history/object-reader.ts";
import { isNear, pathTree, quickEntries } from "../git/history/quick-answers.ts";
import { type ModeRange, rawModes } from "../git/history/raw-modes.ts";
import type { Signers } from "../git/history/signatures.ts";
import { assertTrees, type Entry, entriesAt, filesChanged, isAncestor } from "../git/history/trees.ts";
import type { Store } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import { Problem, Refusal } from "../model/problem.ts";
import { modeFault } from "../rollout/content/modes.ts";

const answersKept = 256;
/** `mode = "all"` verifies every commit since the deployed one in each reconcile. */
const signaturesKept = 1_024;

type Entries = ReadonlyMap<string, Entry>;

export type History = ReturnType<typeof createHistory>;

/** `paths` are those of all services of the store: one read of a commit answers for every service. */
export function createHistory(
  store: Store,
  paths: readonly RepoPath[],
  { git, readOnlyGit }: { readonly git: Git; readonly readOnlyGit: Git },
) {
  const reader = new ObjectReader(store, git);
  // If the quick answer fails, git itself answers; it reports what is wrong.
  const tree = pathTree(paths);
  let like: Entries | null = null;
  const infos = createCache((commit: Commit) => commitInfo(store, commit, readOnlyGit));
  const faults = createCache((base: Commit | null, to: Commit) => {
    const range = { base, to, paths };
    return faultsIn(reader, range).catch(async (error: unknown) => {
      if (error instanceof Problem) throw error;
      // Git says what is wrong with the trees, or brings what is missing.
      await assertTrees(store, to, paths, git);
      return faultsIn(reader, range);
    });
  });
  return {
    /** What it reads commits and trees with. */
    reader,
    /** What the watched paths are in the commit; paths that it does not have are absent. */
    entries: createCache(async (commit: Commit): Promise<Entries> => {
      like = await quickEntries(reader, commit, tree, like).catch(() => entriesAt(store, commit, paths, git));
      return like;
    }),
    /** True when `older` is in the history of `newer`. */
    isAncestor: createCache(async (older: Commit, newer: Commit) => {
      const near = await isNear(reader, older, newer).catch(() => false);
      return near || isAncestor(store, older, newer, git);
    }),
    /** The files below the paths in which the two commits differ. */
    filesChanged: createCache(
      (from: Commit, to: Commit, paths: readonly RepoPath[]): Promise<readonly RepoPath[]> =>
        filesChanged(store, { from, to, paths }, git),
    ),
    /** Null: the store does not have it any more. */
    info: (commit: Commit) => infos(commit).catch(() => null),
    /** How many commits of `to` are not in `from` and touch the paths. */
    ahead: createCache((from: Commit, to: Commit, paths: readonly RepoPath[]) =>
      countBetween(store, { from, to, paths }, readOnlyGit),
    ),
    /** Why a mode of what `to` has at the paths, and `base` has not, is refused; null: all are fine. */
    modeFault: async (base: Commit | null, to: Commit, links: readonly RepoPath[]) =>
      (await faults(base, to)).find(({ path }) => isAtLink(path, links))?.fault ?? null,
    /** @throws Refusal where none of the signers has signed it; only good answers are kept */
    assertSigned: createCache(async (commit: Commit, signers: Signers) => {
      // Few hosts need it.
      const { signatureFault } = await import("../git/history/signatures.ts");
      const fault = await signatureFault(store, commit, signers, git);
      if (fault !== null) throw new Refusal(fault);
    }, signaturesKept),
  };
}

interface Fault {
  readonly path: string;
  readonly fault: string;
}

/** @throws Error, and Problem where there are too many entries */
async function faultsIn(reader: ObjectReader, range: ModeRange): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for await (const batch of rawModes(reader, range))
    for (const { path, mode } of batch) {
      const fault = modeFault(path, mode);
      if (fault !== null) faults.push({ path, fault });
    }
  return faults;
}

/** Keeps the newest answers, by the question as JSON; a failure is not kept. */
function createCache<Q extends readonly unknown[], A>(
  ask: (...question: Q) => Promise<A>,
  kept = answersKept,
): (...question: Q) => Promise<A> {
  const answers = new Map<string, Promise<A>>();
  return (...question) => {
    const key = JSON.stringify(question);
    const known = answers.get(key);
    if (known) return known;
    const pending = ask(...question);
    answers.set(key, pending);
    pending.catch(() => answers.delete(key));
    const oldest = answers.keys().next();
    if (answers.size > kept && !oldest.done) answers.delete(oldest.value);
    return pending;
  };
}
