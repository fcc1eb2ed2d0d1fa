/** Which modes and groups a service's files get, with the groups as this host has them. */
import type { Access } from "../../git/checkout/access.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import type { FindGroup } from "./ports.ts";

/** @throws Problem where this host does not have a group */
export async function accessOf(
  { links }: Pick<Service, "links">,
  findGroup: FindGroup,
): Promise<readonly Access[]> {
  const found: Access[] = [];
  for (const { link, access } of links) {
    if (access === undefined) continue;
    const { mode, group } = access;
    const gid = group === null ? null : await findGroup(group);
    const why = `Cannot use group "${group}" for link "${link}": this host does not have it`;
    if (group !== null && gid === null) throw new Problem("host", why, { code: "user-missing" });
    found.push({ link, mode, gid });
  }
  return found;
}

/** Files of the service stay hidden until they have their modes and groups. */
export function hasAccess({ links }: Pick<Service, "links">): boolean {
  return links.some(({ access }) => access !== undefined);
}
