/** Observes a checkout; one whose administration is damaged is mended first, so that no file of the service has to move. */
import {
  hasOddAttributes,
  isAtLink,
  trackedAt,
  type WrongAttribute,
  wrongAttributes,
} from "../../git/checkout/attributes.ts";
import { type CheckoutSeen, observeCheckout } from "../../git/checkout/checkout.ts";
import { newestEdit } from "../../git/edits/edits.ts";
import { CommitGone, nameInStore, rebuildWorktreeMetadata } from "../../git/store/rebuild-checkout.ts";
import type { Commit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { holdOf } from "../../model/state.ts";
import { storesDir } from "../../platform/files/state-paths.ts";
import { headOf } from "../../rollout/phase.ts";
import { linksOf, pathsNarrowedTo } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { accessOf } from "./link-access.ts";
import type { CheckoutPorts } from "./ports.ts";

/** @throws Problem when it is damaged and cannot be mended now */
export async function observeMended(managed: ManagedService, ports: CheckoutPorts): Promise<CheckoutSeen> {
  const { store, service } = managed;
  const observe = () => observeNow({ store, service }, ports);
  const seen = await observe();
  if (seen.is !== "unfit") return seen;
  return (await mendCheckout(managed, seen.why, ports)) ? observe() : seen;
}

/** Asks git, whatever was seen before. */
export function observeNow(
  { store, service: { checkout } }: Pick<ManagedService, "store" | "service">,
  { tools: { git }, stateDir }: Pick<CheckoutPorts, "tools" | "stateDir">,
): Promise<CheckoutSeen> {
  return observeCheckout({ store, checkout }, git, { storesDir: storesDir(stateDir) });
}

/** Answers false for one that is past mending: of another store, or its commit is nowhere any more. @throws Problem */
export async function mendCheckout(
  managed: ManagedService,
  why: string,
  { tools, records, log }: CheckoutPorts,
): Promise<boolean> {
  const { store, service } = managed;
  const head = commitOf(managed, records);
  const place = { store, checkout: service.checkout };
  if (head === null || nameInStore(place) === null) return false;
  const { links: narrowing } = records.get(service.name);
  const links = narrowing === "" ? linksOf(service) : pathsNarrowedTo(narrowing);
  try {
    await rebuildWorktreeMetadata(place, { head, links }, tools.git);
  } catch (error) {
    // What is held has nowhere else to go: its files stay where they are.
    if (error instanceof CommitGone && holdOf(records.get(service.name).state) === null) return false;
    throw error;
  }
  log.warn({ service: service.name }, `mended the checkout, and left its files alone: ${why}`);
  return true;
}

/** What the files are, as far as is known: one of two commits, when a checkout was cut off. */
function commitOf({ service }: ManagedService, records: CheckoutPorts["records"]): Commit | null {
  const { phase, commit } = records.get(service.name);
  return headOf(phase) ?? commit ?? (phase.at === "verified" ? null : phase.to);
}

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
  const edits = seen.edits.values().filter(({ path }) => isAtLink(path, links));
  return newestEdit(service.checkout, edits);
}
