/** Where several services wait for new files of one store, brings the files of all in one request. */
import { fetchBlobs, type Tips } from "../git/fetch.ts";
import type { Store } from "../git/store.ts";
import { blobsOf } from "../git/trees.ts";
import type { Commit } from "../model/commit.ts";
import type { Context } from "./context.ts";
import { linksOf } from "./links.ts";
import type { Member } from "./member.ts";

/** Never fails: without it git brings the files at each checkout, slower and as good. */
export async function prefetchFiles(waiting: readonly Member[], tips: Tips, context: Context): Promise<void> {
  const [first] = waiting;
  if (waiting.length < 2 || first === undefined) return;
  const { git, log, stopping, ledger } = context;
  try {
    const wanted = await blobsAt(first.store, waiting, ({ service }) => tips.get(service.branch), context);
    const had = await blobsAt(first.store, waiting, ({ service }) => ledger.get(service.name).head, context);
    await fetchBlobs(first.store, [...wanted.difference(had)], git, stopping);
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
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const [commit, group] of Map.groupBy(members, commitOf)) {
    if (!commit) continue;
    const links = group.flatMap(({ service }) => linksOf(service));
    for (const id of await blobsOf(store, commit, links, git)) ids.add(id);
  }
  return ids;
}
