/** What is wrong with an upstream, as findings at keys of the config. Pure. */
import type { Path } from "../../config/errors/finding.ts";
import { didYouMean } from "../../config/errors/nearest.ts";
import type { Commit } from "../../model/commit.ts";
import type { RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Link, Service } from "../../model/service.ts";
import { assertLink } from "../../reconcile/links.ts";
import type { Group } from "../../sync/create-services.ts";
import type { Content, UpstreamSeen } from "./observe-upstream.ts";
import type { Places } from "./places.ts";

export interface Fault {
  readonly path: Path;
  readonly message: string;
}

const branchesShown = 5;

/** The faults of the services of one upstream and user. */
export function faultsOf(group: Group, seen: UpstreamSeen, places: Places): readonly Fault[] {
  const [first] = group.services;
  if (first === undefined) return [];
  if (seen.is === "unreachable")
    return [{ path: places.key(first, "upstream"), message: `${seen.problem.message} (as ${group.user})` }];
  return group.services.flatMap((service) => {
    const tip = seen.tips.get(service.branch);
    if (tip === undefined)
      return [{ path: places.key(service, "branch"), message: missingBranch(service, seen.branches ?? []) }];
    const content = seen.contents.get(tip);
    return content === undefined ? [] : linkFaults(service, tip, content, places);
  });
}

/** Why a branch cannot be followed, and what would be right. */
export function missingBranch(
  { branch, upstream }: Pick<Service, "branch" | "upstream">,
  branches: readonly string[],
): string {
  const at = JSON.stringify(upstream);
  if (branches.length === 0)
    return `${at} has no branch yet; push a first commit to ${JSON.stringify(branch)}`;
  const more = branches.length > branchesShown ? ", …" : "";
  const known = `push it, or use one of ${branches.slice(0, branchesShown).join(", ")}${more}`;
  return `branch ${JSON.stringify(branch)} is not at ${at}; ${didYouMean(branch, branches, known)}`;
}

function linkFaults(service: Service, tip: Commit, content: Content, places: Places): readonly Fault[] {
  return service.links.flatMap((link) => {
    const message = linkFault(link, tip, content);
    return message === null ? [] : [{ path: places.link(service, link.link), message }];
  });
}

function linkFault(link: Link, tip: Commit, { entries, modeFault }: Content): string | null {
  try {
    assertLink(link, entries.get(link.link), tip);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return modeFault(link.link as RepoPath);
}
