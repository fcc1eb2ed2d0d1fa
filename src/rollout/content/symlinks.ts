/** Where the symlinks of a commit may lead. Pure. */
import { posix } from "node:path";
import { inCheckout, isAtOrBelow } from "../../model/path.ts";
import type { Link, Service } from "../../model/service.ts";

/** From symlink(2) and <linux/limits.h>, with the NUL. */
const targetMaxBytes = 4_095;

/**
 * Why a symlink at a repository's path is refused, in one line with the remedy; null: it stays inside. It is judged
 * as it is seen on the host: it may lead to what the service mounts, and to what `outside_symlinks` names.
 */
export function symlinkFault(
  service: Pick<Service, "checkout" | "links" | "symlinksTo">,
  path: string,
  target: string,
): string | null {
  const what = `the symlink ${JSON.stringify(path)}`;
  if (target === "" || target.includes("\0") || Buffer.byteLength(target) > targetMaxBytes)
    return `${what} has no target that a file system takes; create it again`;
  if (climbsAfterName(target))
    return `${what} goes through ${JSON.stringify(target)}; write it without ".." after a name`;
  const allowed = [...service.links.map((link) => placeOf(service, link)), ...service.symlinksTo];
  for (const link of service.links.filter((link) => isAtOrBelow(path, link.link))) {
    const seenAt = posix.join(placeOf(service, link), posix.relative(link.link, path));
    const leadsTo = posix.resolve(posix.dirname(seenAt), target);
    if (allowed.some((place) => isAtOrBelow(leadsTo, place))) continue;
    const remedy = "let it lead to where the service's links are, or name the directory in outside_symlinks";
    return `${what} leads to ${JSON.stringify(leadsTo)}; ${remedy}`;
  }
  return null;
}

/** A name may be a symlink itself, and the ".." after it is then that of where it leads. */
function climbsAfterName(target: string): boolean {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const name = parts.findIndex((part) => part !== "..");
  return name !== -1 && parts.lastIndexOf("..") > name;
}

/** Where a link is seen on the host. */
function placeOf({ checkout }: Pick<Service, "checkout">, { link, local }: Link): string {
  return local ?? inCheckout(checkout, link);
}
