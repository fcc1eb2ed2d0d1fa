/** What a service's files are like now, and whether what has drifted is put right. */
import { join } from "node:path";
import {
  hasOddAttributes,
  isAtLink,
  trackedAt,
  type WrongAttribute,
  wrongAttributes,
} from "../../git/checkout/attributes.ts";
import { type CheckoutSeen, type Edit, untrackedMax } from "../../git/checkout/checkout.ts";
import { stampOf } from "../../git/checkout/stamp.ts";
import { isRemovable, newestEdit } from "../../git/edits/edits.ts";
import { mostlyBelow } from "../../git/edits/mostly-below.ts";
import type { Commit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { holdOf } from "../../model/state.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import type { Finding } from "../../rollout/drift.ts";
import { type Heal, planHeal } from "../../rollout/heal.ts";
import { accessOf } from "../apply/link-access.ts";
import type { Context } from "../context.ts";
import { linksOf } from "../links.ts";
import type { FilesSeen, ManagedService } from "../managed-service.ts";
import { observeMended } from "./repair-checkout.ts";

/** Runs git only if the stamp of the files has changed since the last time. */
export async function observeFiles(managed: ManagedService, context: Context): Promise<FilesSeen> {
  const { service } = managed;
  // First, so that no change falls between the two.
  await context.files.cover(service);
  const stamp = await stampOf(service.checkout);
  if (stamp !== null && managed.seen?.stamp === stamp) return managed.seen;
  const checkout = await observeMended(managed, context);
  const attributes = checkout.is === "present" ? await observeAttributes(managed, context) : [];
  // Only a checkout that is present has a useful stamp: it does not cover git's metadata.
  managed.seen = stamp === null || checkout.is !== "present" ? null : { stamp, checkout, attributes };
  return { checkout, attributes };
}

/** @throws ExecFailure; Problem where a group is missing */
export async function observeAttributes(
  { store, service }: ManagedService,
  { git, findGroup }: Pick<Context, "git" | "findGroup">,
): Promise<WrongAttribute[]> {
  const access = await accessOf(service, { findGroup });
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

const hourMs = 3_600_000;

/** Reads the history only if there is drift. */
export async function judgeDrift(
  { service }: ManagedService,
  files: FilesSeen,
  { healed }: { readonly healed: boolean },
  { records, clock }: Context,
): Promise<Heal> {
  const { head, state } = records.get(service.name);
  const findings = await findingsOf(files, service, head);
  const heals = findings.length === 0 ? 0 : healsInHour(service.name, { records, clock });
  return planHeal(findings, service.drift, { healsInHour: heals, held: holdOf(state) !== null, healed });
}

/** How often the service was healed in the last hour, as the history has it. */
export function healsInHour(service: string, { records, clock }: Pick<Context, "records" | "clock">): number {
  const until = clock.now();
  return records.heals(service, { after: new Date(until.getTime() - hourMs), until });
}

async function findingsOf(
  { checkout, attributes }: FilesSeen,
  service: Service,
  head: Commit | null,
): Promise<Finding[]> {
  if (checkout.is !== "present" || head === null) return [];
  const links = linksOf(service);
  const findings: Finding[] = checkout.head === head ? [] : [{ kind: "moved", to: checkout.head }];
  for (const wrong of attributes) findings.push({ kind: "attribute", ...wrong });
  if (checkout.flooded) findings.push(floodOf(service, checkout.edits));
  for await (const batch of inBatches(checkout.edits)) {
    for (const { path, untracked: added } of batch) {
      if (added && checkout.flooded) continue;
      const healable = isAtLink(path, links) && (!added || isRemovable(path));
      findings.push({ kind: "edit", path, added, healable });
    }
  }
  return findings;
}

/** For untracked files beyond the limit: the directory that has most of them, so that an administrator can move them away. */
export function floodOf(
  { checkout }: Pick<Service, "checkout">,
  edits: readonly Edit[],
): Extract<Finding, { kind: "flood" }> {
  const untracked = edits.flatMap(({ path, untracked: is }) => (is ? [path] : []));
  return { kind: "flood", max: untrackedMax, below: join(checkout, mostlyBelow(untracked)) };
}
