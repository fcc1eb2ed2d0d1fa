/** Which verb a unit needs to hear, from the files that differ from those it knows. */
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import type { LinkSeen, Observed } from "../../rollout/plan.ts";
import { strongerOf, verbFor } from "../../rollout/unit/action.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";

/** With `interruptedAt` the unit may have been reloaded after `lastReloaded`. */
export interface Known extends Pick<Observed, "lastReloaded" | "interruptedAt"> {
  readonly target: Commit;
  /** What a heal brings back. */
  readonly drifted?: readonly RepoPath[];
}

/** Null: none. Asks git for file names only if the service has `actions` and content has changed. */
export async function verbOf(
  managed: Pick<ManagedService, "service" | "history">,
  links: readonly LinkSeen[],
  known: Known,
): Promise<string | null> {
  const { service } = managed;
  if (service.actions.length === 0) return service.action;
  const everything = linksOf(service);
  const files = await changedFiles(managed, links, known).catch(() => everything);
  // Files that were not there can be any, whatever git says of two commits.
  const mounted = links.flatMap(({ link, bind }) =>
    bind === "absent" || bind === "elsewhere" ? [link.link] : [],
  );
  const places = [...files, ...mounted, ...(known.drifted ?? [])];
  let verb: string | null = null;
  for await (const batch of inBatches(places.length > 0 ? places : everything))
    verb = strongerOf(verb, verbFor(service, batch));
  return verb;
}

async function changedFiles(
  { service, history }: Pick<ManagedService, "service" | "history">,
  links: readonly LinkSeen[],
  { target, lastReloaded, interruptedAt }: Known,
): Promise<readonly RepoPath[]> {
  if (lastReloaded === null) return linksOf(service);
  const from = [
    ...(links.some(({ needsReload }) => needsReload) ? [lastReloaded] : []),
    ...(interruptedAt === null || interruptedAt === target || interruptedAt === lastReloaded
      ? []
      : [interruptedAt]),
  ];
  const changes = from.map((commit) => history.filesChanged(commit, target, linksOf(service)));
  return (await Promise.all(changes)).flat();
}
