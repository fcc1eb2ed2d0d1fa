/** What the files of a checkout are like now, beyond what git says. */
import {
  hasOddAttributes,
  isAtLink,
  trackedAt,
  type WrongAttribute,
  wrongAttributes,
} from "../../git/checkout/attributes.ts";
import type { CheckoutSeen } from "../../git/checkout/checkout.ts";
import { newestEdit } from "../../git/edits/edits.ts";
import type { Service } from "../../model/service.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { accessOf } from "./link-access.ts";
import type { CheckoutPorts } from "./ports.ts";

/** @throws ExecFailure; Problem where a group is missing */
export async function observeAttributes(
  { store, service }: Pick<ManagedService, "store" | "service">,
  { tools: { git }, findGroup }: Pick<CheckoutPorts, "tools" | "findGroup">,
): Promise<WrongAttribute[]> {
  const access = await accessOf(service, findGroup);
  const where = { store, checkout: service.checkout, access };
  const links = linksOf(service);
  if (!(await hasOddAttributes(where, links))) return [];
  return wrongAttributes(where, await trackedAt(where, links, git));
}

/** When the newest edit was made, of those that the service sees; null: there is none. */
export function editedAt(service: Service, seen: CheckoutSeen): Date | null {
  if (seen.is !== "present" || seen.edits.length === 0) return null;
  const links = linksOf(service);
  return newestEdit(
    service.checkout,
    seen.edits.values().filter(({ path }) => isAtLink(path, links)),
  );
}
