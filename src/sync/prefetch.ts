/** Where several services wait for new files of one store, fetches the files of all in one request. */
import { fetchBlobs } from "../git/fetch/fetch-objects.ts";
import type { Git } from "../git/git.ts";
import { filesNeeded, type NeededFile } from "../git/history/files-needed.ts";
import type { Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { RepoPath } from "../model/path.ts";
import type { Life } from "../platform/life.ts";
import { linksOf } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import type { Records } from "../reconcile/records.ts";
import { headOf } from "../rollout/phase.ts";

/** A service with more new files at a link fetches them in a request of its own, so that the others do not wait for them. */
const atOneLinkMax = 2_000;

export interface PrefetchPorts extends Pick<Life, "log" | "stopping"> {
  readonly git: Git;
  readonly records: Pick<Records, "get">;
}

/** Never fails: without it each service fetches its own files, which only takes longer. */
export async function prefetchFiles(
  waiting: readonly ManagedService[],
  tips: Tips,
  { git, records, log, stopping }: PrefetchPorts,
): Promise<void> {
  const [first] = waiting;
  if (waiting.length < 2 || first === undefined) return;
  const { reader } = first.history;
  try {
    const shared = new LightFiles(new Set(waiting.flatMap(({ service }) => linksOf(service))));
    for await (const batch of neededBy(waiting, { tips, shared }, records)) shared.add(batch);
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
  records: Pick<Records, "get">,
): AsyncGenerator<readonly NeededFile[]> {
  const routes = Map.groupBy(members, ({ service: { name, branch } }) =>
    JSON.stringify([headOf(records.get(name).phase), tips.get(branch) ?? null]),
  );
  for (const [route, group] of routes) {
    const [base, to] = JSON.parse(route) as [Commit | null, Commit | null];
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
