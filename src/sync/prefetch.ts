/** Where several services wait for new files of one store, brings the files of all in one request. */
import { fetchBlobs } from "../git/fetch/fetch-objects.ts";
import { filesNeeded, type NeededFile } from "../git/history/files-needed.ts";
import type { Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import type { Context } from "../reconcile/context.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";

/** Whoever has more new files at a link brings them in a request of its own: the others need not wait for them. */
const atOneLinkMax = 2_000;

/** Never fails: without it each service brings its own files, slower and as good. */
export async function prefetchFiles(
  waiting: readonly ManagedService[],
  tips: Tips,
  context: Context,
): Promise<void> {
  const [first] = waiting;
  if (waiting.length < 2 || first === undefined) return;
  const { git, log, stopping } = context;
  const { reader } = first.history;
  try {
    const shared = new LightFiles(new Set(waiting.flatMap(({ service }) => linksOf(service))));
    for await (const batch of neededBy(waiting, { tips, shared }, context)) shared.add(batch);
    const missing = await reader.missing([...new Set(shared.files().map(({ id }) => id))]);
    await fetchBlobs(first.store, missing, git, stopping);
  } catch (error) {
    log.debug({ err: error }, "no bulk fetch");
  }
}

/** The files of the tips that the checkouts lack; services at the same commit are examined together. */
async function* neededBy(
  members: readonly ManagedService[],
  { tips, shared }: { readonly tips: Tips; readonly shared: LightFiles },
  { records }: Context,
): AsyncGenerator<readonly NeededFile[]> {
  const ways = Map.groupBy(members, ({ service: { name, branch } }) =>
    JSON.stringify([records.get(name).head, tips.get(branch) ?? null]),
  );
  for (const [way, group] of ways) {
    const [base, to] = JSON.parse(way) as [Commit | null, Commit | null];
    const [first] = group;
    if (to === null || first === undefined) continue;
    const paths = group.flatMap(({ service }) => linksOf(service));
    const skips = (directory: string) => shared.isHeavyBelow(directory);
    yield* filesNeeded(first.history.reader, { base, to, paths, skips });
  }
}

/** Those of the files at links that have not very many; one that lies at several links counts at the innermost. */
export class LightFiles {
  readonly #links: ReadonlySet<RepoPath>;
  readonly #max: number;
  /** By link; null where there are too many. */
  readonly #atLinks = new Map<string | null, NeededFile[] | null>();

  constructor(links: ReadonlySet<RepoPath>, max = atOneLinkMax) {
    this.#links = links;
    this.#max = max;
  }

  add(files: readonly NeededFile[]): void {
    for (const file of files) {
      const link = linkAround(file.path, this.#links);
      const batch = this.#atLinks.get(link);
      if (batch === undefined) this.#atLinks.set(link, [file]);
      else if (link !== null && batch !== null && batch.length >= this.#max) this.#atLinks.set(link, null);
      else batch?.push(file);
    }
  }

  /** Nothing more of what is below this directory will count. */
  isHeavyBelow(directory: string): boolean {
    if (this.#atLinks.get(linkAround(directory, this.#links)) !== null) return false;
    return !this.#links.values().some((link) => link.startsWith(`${directory}/`));
  }

  files(): NeededFile[] {
    return this.#atLinks
      .values()
      .flatMap((batch) => batch ?? [])
      .toArray();
  }
}

function linkAround(path: string, links: ReadonlySet<string>): string | null {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(at.lastIndexOf("/"), 0)))
    if (links.has(at)) return at;
  return links.has(".") ? "." : null;
}
