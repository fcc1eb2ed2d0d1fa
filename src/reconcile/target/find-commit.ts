/** From what a person writes to a commit. */
import { readTips } from "../../git/fetch/tip-refs.ts";
import type { Git } from "../../git/git.ts";
import { findCommits } from "../../git/history/trees.ts";
import { deploymentsKept } from "../../history/journal.ts";
import type { Commit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import { renderInstant } from "../../model/text/instant.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Records } from "../records.ts";

interface Tools {
  readonly git: Git;
  readonly records: Pick<Records, "get" | "deployments">;
}

const shortestPrefix = 4;
const candidatesNamed = 4;

/** The commit of the branch's history that a full or short id names. @throws Problem */
export async function findCommit(
  { store, service }: ManagedService,
  prefix: string,
  { git, records }: Tools,
): Promise<Commit> {
  const what = `Cannot find commit ${JSON.stringify(prefix.slice(0, 64))} of "${service.name}"`;
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) throw new Problem("git", `${what}: give its id, in hex digits`);
  if (prefix.length < shortestPrefix)
    throw new Problem("git", `${what}: give ${shortestPrefix} digits or more`);
  const tips = await readTips(store, [service.branch], git).catch(() => new Map<string, Commit>());
  const from = [...tips.values(), records.get(service.name).commit].filter((commit) => commit !== null);
  if (from.length === 0) throw new Problem("git", `${what}: nothing has been fetched yet`);
  const found = await findCommits(store, from, prefix, git);
  const [commit] = found;
  if (commit === undefined) throw new Problem("git", `${what}: ${whyMissing(service, prefix, records)}`);
  if (found.length === 1) return commit;
  const candidates = found.slice(0, candidatesNamed).map((id) => id.slice(0, prefix.length + 4));
  const many = `${found.length} commits start so (${candidates.join(", ")}…)`;
  throw new Problem("git", `${what}: ${many}; give more digits`);
}

function whyMissing({ name, branch }: Service, prefix: string, records: Tools["records"]): string {
  const had = records
    .deployments(name, { before: null, limit: deploymentsKept })
    .find(({ to, result }) => result === "done" && to.startsWith(prefix));
  if (had === undefined) return `there is no such commit in the history of "${branch}"`;
  const when = renderInstant(had.startedAt);
  return `it had that commit at ${when}, but "${branch}" does not contain it any more, and the store has lost it; push it to upstream again`;
}
