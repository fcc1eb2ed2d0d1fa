/** Where several services wait for new files of one store, brings the files of all in one request. */
import { bringBlobs } from "../git/bring.ts";
import { filesNeeded, type NeededFile } from "../git/files-needed.ts";
import type { Tips } from "../git/tip-refs.ts";
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import type { Context } from "./context.ts";
import { linksOf } from "./links.ts";
import type { Member } from "./member.ts";

/** Whoever has more new files at a link brings them in a request of its own: the others need not wait for them. */
const atOneLinkMax = 2_000;

/** Never fails: without it each service brings its own files, slower and as good. */
export async function prefetchFiles(waiting: readonly Member[], tips: Tips, context: Context): Promise<void> {
  const [first] = waiting;
  if (waiting.length < 2 || first === undefined) return;
  const { git, log, stopping } = context;
  const { reader } = first.history;
  try {
    const needed = await neededBy(waiting, tips, context);
    const shared = withoutHeavy(needed, new Set(waiting.flatMap(({ service }) => linksOf(service))));
    const missing = await reader.missing([...new Set(shared.map(({ id }) => id))]);
    await bringBlobs(first.store, missing, git, stopping);
  } catch (error) {
    log.debug({ err: error }, "no bulk fetch");
  }
}

/** The files of the tips that the members' checkouts have not; services at one commit are looked at together. */
async function neededBy(
  members: readonly Member[],
  tips: Tips,
  { ledger }: Context,
): Promise<readonly NeededFile[]> {
  const ways = Map.groupBy(members, ({ service: { name, branch } }) =>
    JSON.stringify([ledger.get(name).head, tips.get(branch) ?? null]),
  );
  const found: (readonly NeededFile[])[] = [];
  for (const [way, group] of ways) {
    const [base, to] = JSON.parse(way) as [Commit | null, Commit | null];
    const [first] = group;
    if (to === null || first === undefined) continue;
    const paths = group.flatMap(({ service }) => linksOf(service));
    found.push(await filesNeeded(first.history.reader, { base, to, paths }));
  }
  return found.flat();
}

/** The entries but for those at links that have very many; one that lies at several links counts at the innermost. */
export function withoutHeavy<E extends Pick<NeededFile, "path">>(
  entries: readonly E[],
  links: ReadonlySet<RepoPath>,
  max = atOneLinkMax,
): readonly E[] {
  if (entries.length <= max) return entries;
  const atLinks = Map.groupBy(entries, ({ path }) => linkAround(path, links));
  return [...atLinks].flatMap(([link, some]) => (link !== null && some.length > max ? [] : some));
}

function linkAround(path: string, links: ReadonlySet<string>): string | null {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(at.lastIndexOf("/"), 0)))
    if (links.has(at)) return at;
  return links.has(".") ? "." : null;
}
