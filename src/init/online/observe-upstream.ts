/** Observes an upstream as the daemon sees it: whether it answers, its branches, and what they have at links. */
import { askUpstream } from "../../git/fetch/poll-upstream.ts";
import type { Entry } from "../../git/history/trees.ts";
import { type StoreTools, storeOf } from "../../git/store/store.ts";
import type { Store, Tips } from "../../git/types.ts";
import type { Account } from "../../model/account.ts";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { createHistory } from "../../reconcile/history-reader.ts";

/** One upstream, as one user. */
export interface Observed {
  readonly upstream: string;
  readonly account: Account;
  readonly branches: readonly string[];
  /** True: some service deploys commits without a signature. */
  readonly unsigned: boolean;
  /** The links of all services that follow it. */
  readonly links: readonly RepoPath[];
}

export type UpstreamSeen =
  | { readonly is: "unreachable"; readonly problem: Problem }
  | {
      readonly is: "reached";
      readonly tips: Tips;
      /** All branches that it has; null: not listed, because it has all that are wanted. */
      readonly branches: readonly string[] | null;
      readonly contents: ReadonlyMap<Commit, Content>;
    };

/** What a commit has at the links. */
export interface Content {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Why a mode at the link is refused; null: all are fine. */
  readonly modeFault: (link: RepoPath) => string | null;
}

interface ObservePorts {
  readonly stateDir: AbsPath;
  readonly tools: StoreTools;
  readonly stopping: AbortSignal;
}

/** For one upstream: a server that is slower would hold up every poll as well. */
const answerWithinMs = 120_000;
const branchesTimeoutMs = 30_000;
const branchesMaxBytes = 16 * 1024 * 1024;

/** Fetches the newest commit of each branch, without files where the server can leave them out. */
export async function observeUpstream(observed: Observed, ports: ObservePorts): Promise<UpstreamSeen> {
  const { upstream, account, branches, unsigned, links } = observed;
  const store = storeOf(ports.stateDir, upstream, account);
  const late = AbortSignal.timeout(answerWithinMs);
  const signal = AbortSignal.any([late, ports.stopping]);
  try {
    const tips = await askUpstream(store, branches, ports.tools, { signal, known: null, unsigned, depth: 1 });
    const all = branches.every((branch) => tips.has(branch))
      ? null
      : await listBranches(store, ports, signal);
    const contents = await readContents(store, new Set(tips.values()), links, ports.tools);
    return { is: "reached", tips, branches: all, contents };
  } catch (error) {
    ports.stopping.throwIfAborted();
    if (late.aborted) return { is: "unreachable", problem: noAnswer(upstream, error) };
    if (error instanceof Problem) return { is: "unreachable", problem: error };
    throw error;
  }
}

function noAnswer(upstream: string, cause: unknown): Problem {
  const why = `no answer within ${answerWithinMs / 60_000} minutes`;
  return new Problem("git", `Cannot fetch ${JSON.stringify(upstream)}: ${why}`, { cause });
}

async function listBranches(
  store: Store,
  { tools }: ObservePorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await tools.git(store, ["ls-remote", "--quiet", "--heads", "origin"], {
    ...{
      network: "question" as const,
      timeoutMs: branchesTimeoutMs,
      stdoutMaxBytes: branchesMaxBytes,
      signal,
    },
  });
  return [...stdout.matchAll(/\trefs\/heads\/(.+)$/gm)].map(([, branch = ""]) => branch);
}

async function readContents(
  store: Store,
  commits: ReadonlySet<Commit>,
  links: readonly RepoPath[],
  { git }: StoreTools,
): Promise<ReadonlyMap<Commit, Content>> {
  if (links.length === 0) return new Map();
  const history = createHistory(store, [...new Set(links)], { git, readOnlyGit: git });
  const read = async (commit: Commit) => {
    const entries = await history.entries(commit);
    const faults = new Map<RepoPath, string | null>();
    for (const link of links) faults.set(link, await history.modeFault(null, commit, [link]));
    return [commit, { entries, modeFault: (link: RepoPath) => faults.get(link) ?? null }] as const;
  };
  return new Map(await Promise.all([...commits].map(read)));
}
