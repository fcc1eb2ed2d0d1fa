/** Answers questions about the commits of one store, each once for all services of the store. */
import { isAtLink } from "../git/checkout/attributes.ts";
import type { Git } from "../git/git.ts";
import { type CommitInfo, commitInfo, countBetween } from "../git/history/log.ts";
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

export interface History {
  /** What it reads commits and trees with. */
  readonly reader: ObjectReader;
  /** What the watched paths are in the commit; paths that it does not have are absent. */
  entries(commit: Commit): Promise<Entries>;
  /** True when `older` is in the history of `newer`. */
  isAncestor(older: Commit, newer: Commit): Promise<boolean>;
  /** The files below the paths in which the two commits differ. */
  filesChanged(from: Commit, to: Commit, paths: readonly RepoPath[]): Promise<readonly RepoPath[]>;
  /** Null: the store does not have it any more. */
  info(commit: Commit): Promise<CommitInfo | null>;
  /** How many commits of `to` are not in `from` and touch the paths. */
  ahead(from: Commit, to: Commit, paths: readonly RepoPath[]): Promise<number>;
  /** Why a mode of what `to` has at the paths, and `base` has not, is refused; null: all are fine. */
  modeFault(base: Commit | null, to: Commit, paths: readonly RepoPath[]): Promise<string | null>;
  /** @throws Refusal where none of the signers has signed it; only good answers are kept */
  assertSigned(commit: Commit, signers: Signers): Promise<void>;
}

/** `paths` are those of all services of the store: one read of a commit answers for every service. */
export function createHistory(
  store: Store,
  paths: readonly RepoPath[],
  { git, readOnlyGit }: { readonly git: Git; readonly readOnlyGit: Git },
): History {
  const reader = new ObjectReader(store, git);
  // If the quick answer fails, git itself answers; it reports what is wrong.
  const tree = pathTree(paths);
  let like: Entries | null = null;
  const entries = createCache(async (commit: Commit) => {
    like = await quickEntries(reader, commit, tree, like).catch(() => entriesAt(store, commit, paths, git));
    return like;
  });
  const ancestry = createCache(async (pair: string) => {
    const [older, newer] = pair.split("..") as [Commit, Commit];
    const near = await isNear(reader, older, newer).catch(() => false);
    return near || isAncestor(store, older, newer, git);
  });
  const infos = createCache((commit: Commit) => commitInfo(store, commit, readOnlyGit));
  const counts = createCache((key: string) => {
    const { from, to, paths } = JSON.parse(key) as Parameters<typeof countBetween>[1];
    return countBetween(store, { from, to, paths }, readOnlyGit);
  });
  const changes = createCache((key: string) => {
    const { from, to, paths } = JSON.parse(key) as Parameters<typeof filesChanged>[1];
    return filesChanged(store, { from, to, paths }, git);
  });
  const signatures = createCache(async (key: string) => {
    const { commit, signers } = JSON.parse(key) as { commit: Commit; signers: Signers };
    // Few hosts need it.
    const { signatureFault } = await import("../git/history/signatures.ts");
    const fault = await signatureFault(store, commit, signers, git);
    if (fault !== null) throw new Refusal(fault);
  }, signaturesKept);
  const faults = createCache(async (key: string) => {
    const { base, to } = JSON.parse(key) as Pick<ModeRange, "base" | "to">;
    const range = { base, to, paths };
    return faultsIn(reader, range).catch(async (error: unknown) => {
      if (error instanceof Problem) throw error;
      // Git says what is wrong with the trees, or brings what is missing.
      await assertTrees(store, to, paths, git);
      return faultsIn(reader, range);
    });
  });
  return {
    reader,
    modeFault: async (base, to, links) =>
      (await faults(JSON.stringify({ base, to }))).find(({ path }) => isAtLink(path, links))?.fault ?? null,
    assertSigned: (commit, signers) => signatures(JSON.stringify({ commit, signers })),
    filesChanged: (from, to, paths) => changes(JSON.stringify({ from, to, paths })),
    info: (commit) => infos(commit).catch(() => null),
    ahead: (from, to, paths) => counts(JSON.stringify({ from, to, paths })),
    entries: (commit) => entries(commit),
    isAncestor: (older, newer) => ancestry(`${older}..${newer}`),
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

/** Keeps the newest answers; a failure is not kept. */
function createCache<K, V>(ask: (key: K) => Promise<V>, kept = answersKept): (key: K) => Promise<V> {
  const answers = new Map<K, Promise<V>>();
  return (key) => {
    const known = answers.get(key);
    if (known) return known;
    const pending = ask(key);
    answers.set(key, pending);
    pending.catch(() => answers.delete(key));
    const oldest = answers.keys().next();
    if (answers.size > kept && !oldest.done) answers.delete(oldest.value);
    return pending;
  };
}
