/** Which systemctl verb the changes of a service need. Pure. */
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import type { Service } from "../../model/service.ts";

/**
 * Weakest first: a verb later in the list gives a running unit all that one before it would. `start` gives it nothing;
 * those that fall back to a restart are at least a reload; and of two that do the same to a running unit, the one that
 * starts a stopped one is the stronger.
 */
const byStrength: readonly string[] = [
  "start",
  "reload",
  "try-reload-or-restart",
  "reload-or-restart",
  "try-restart",
  "restart",
];

/**
 * The strongest verb that one of the places needs; null: none needs any. A place is a changed file, or a directory of
 * which everything may have changed. The verb of a file is that of the longest path in `actions` that it lies in, or
 * of the service.
 */
export function verbFor(
  { action, actions }: Pick<Service, "action" | "actions">,
  places: readonly RepoPath[],
): string | null {
  const verbs = places.flatMap((place) => {
    const around = actions
      .filter(({ path }) => isAtOrBelow(place, path))
      .sort((a, b) => b.path.length - a.path.length)[0];
    const inside = actions.filter(({ path }) => path !== place && isAtOrBelow(path, place));
    return [around === undefined ? action : around.action, ...inside.map((entry) => entry.action)];
  });
  return verbs.reduce(strongerOf, null);
}

/** Of two verbs that each of some places needs, that for all of them. */
export function strongerOf(one: string | null, other: string | null): string | null {
  return strengthOf(other) > strengthOf(one) ? other : one;
}

function strengthOf(verb: string | null): number {
  return verb === null ? -1 : byStrength.indexOf(verb);
}
