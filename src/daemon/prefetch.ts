/** Where several services wait for new files of one store, brings the files of all in one request. */
import { fetchBlobs, type Tips } from "../git/fetch.ts";
import type { Store } from "../git/store.ts";
import { blobsOf, type Entry } from "../git/trees.ts";
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import type { Context } from "./context.ts";
import { linksOf } from "./links.ts";
import type { Member } from "./member.ts";

/** Whoever has more new files at a link brings them in a request of its own: the others need not wait for them. */
const atOneLinkMax = 2_000;

/** Never fails: without it git brings the files at each checkout, slower and as good. */
export async function prefetchFiles(waiting: readonly Member[], tips: Tips, context: Context): Promise<void> {
  const [first] = waiting;
  if (waiting.length < 2 || first === undefined) return;
  const { git, log, stopping, ledger } = context;
  try {
    const wanted = await blobsAt(first.store, waiting, ({ service }) => tips.get(service.branch), context);
    const had = await blobsAt(first.store, waiting, ({ service }) => ledger.get(service.name).head, context);
    const ids = new Set(had.map(({ id }) => id));
    const missing = wanted.filter(({ id }) => !ids.has(id));
    const shared = withoutHeavy(missing, new Set(waiting.flatMap(({ service }) => linksOf(service))));
    await fetchBlobs(first.store, [...new Set(shared.map(({ id }) => id))], git, stopping);
  } catch (error) {
    log.debug({ err: error }, "no bulk fetch");
  }
}

/** The blobs that the members' checkouts need at the commits that `commitOf` names; one commit is asked once. */
async function blobsAt(
  store: Store,
  members: readonly Member[],
  commitOf: (member: Member) => Commit | null | undefined,
  { git }: Context,
): Promise<readonly Entry[]> {
  const found: (readonly Entry[])[] = [];
  for (const [commit, group] of Map.groupBy(members, commitOf)) {
    if (!commit) continue;
    const links = group.flatMap(({ service }) => linksOf(service));
    found.push(await blobsOf(store, commit, links, git));
  }
  return found.flat();
}

/** The entries but for those at links that have very many; one that lies at several links counts at the innermost. */
export function withoutHeavy<E extends Pick<Entry, "path">>(
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
