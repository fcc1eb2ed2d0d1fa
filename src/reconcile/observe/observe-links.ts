/** Observes a service's links: their mounts, and how their content compares with the target. */
import { touchesDefinitions, touchesUnitFiles } from "../../host/systemd/unit-files.ts";
import type { Commit } from "../../model/commit.ts";
import type { LinkSeen } from "../../rollout/plan.ts";
import type { Mounts } from "../host/mounts.ts";
import { assertLink, entriesOrNone, sameEntry } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { UnitPort } from "../ports.ts";

interface Commits {
  readonly target: Commit;
  readonly head: Commit | null;
  readonly lastReloaded: Commit | null;
}

/** Compares the content; the answer then observes the mounts. @throws Problem when the target lacks a link */
export type ObserveLinks = (managed: ManagedService, commits: Commits) => Promise<() => readonly LinkSeen[]>;

export function createObserveLinks(
  mounts: Pick<Mounts, "observe">,
  units: Pick<UnitPort, "lastSeen">,
): ObserveLinks {
  return async ({ service, history }, { target, head, lastReloaded }) => {
    const at = (commit: Commit | null) => (commit === null ? null : entriesOrNone(history.entries(commit)));
    const wanted = await history.entries(target);
    const [files, reloaded] = [await at(head), await at(lastReloaded)];
    const unitFiles = units.lastSeen(service)?.files ?? [];
    const compared = service.links.map((link) => {
      const entry = wanted.get(link.link);
      assertLink(link, entry, target);
      return {
        link,
        stale: !sameEntry(entry, files?.get(link.link)),
        needsReload: !sameEntry(entry, reloaded?.get(link.link)),
        unitFiles: link.local !== null && touchesUnitFiles(link.local),
        definesUnits: link.local !== null && touchesDefinitions(link.local, unitFiles),
      };
    });
    return () => compared.map((content) => ({ ...content, ...mounts.observe(service, content.link) }));
  };
}
