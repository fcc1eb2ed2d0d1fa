/** What of a service's files has drifted, and whether it is put right. */
import { join } from "node:path";
import { isAtLink } from "../../git/checkout/attributes.ts";
import { type Edit, untrackedMax } from "../../git/checkout/checkout.ts";
import { isRemovable } from "../../git/edits/edits.ts";
import { mostlyBelow } from "../../git/edits/mostly-below.ts";
import type { Commit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { holdOf } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { inBatches } from "../../platform/yield-to-event-loop.ts";
import type { Finding } from "../../rollout/drift.ts";
import { type Heal, planHeal } from "../../rollout/heal.ts";
import { headOf } from "../../rollout/phase.ts";
import { linksOf } from "../links.ts";
import type { FilesSeen } from "../ports.ts";
import type { Records } from "../records.ts";

interface Tools {
  readonly records: Pick<Records, "get" | "heals">;
  readonly clock: Clock;
}

/** Reads the history only if there is drift. */
export async function judgeDrift(
  service: Service,
  files: FilesSeen,
  { healed }: { readonly healed: boolean },
  tools: Tools,
): Promise<Heal> {
  const { phase, state } = tools.records.get(service.name);
  const findings = await findingsOf(files, service, headOf(phase));
  const heals = findings.length === 0 ? 0 : healsInHour(service.name, tools);
  return planHeal(findings, service.drift, { healsInHour: heals, held: holdOf(state) !== null, healed });
}

const hourMs = 3_600_000;

/** How often the service was healed in the last hour, as the history has it. */
export function healsInHour(service: string, { records, clock }: Tools): number {
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
