/** The first half of a heal: saves what it overwrites, and clears the way for git's files, which the publish puts there. */
import { isAtLink, restoreDirectories, type Tracked, trackedAt } from "../../git/checkout/attributes.ts";
import { removeFiles, seenFiles } from "../../git/checkout/remove-files.ts";
import { isRemovable } from "../../git/edits/edits.ts";
import { Problem } from "../../model/problem.ts";
import { renderFlood } from "../../rollout/drift.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { floodOf } from "../observe/findings.ts";
import type { StepOf } from "../ports.ts";
import { accessOf } from "./link-access.ts";
import { observeNow } from "./observe-checkout.ts";
import type { CheckoutPorts } from "./ports.ts";
import { keepEdits } from "./save-edits.ts";

/** Ignored files stay; so does what was changed after it had been saved. @throws Problem */
export async function clearDrift(
  { base, to }: StepOf<"clear-drift">,
  managed: ManagedService,
  ports: CheckoutPorts,
): Promise<void> {
  const { checkout } = managed.service;
  const links = linksOf(managed.service);
  // First: git's user may not be able to read them.
  const tracked = await giveDirectories(managed, ports);
  const added = await seenFiles(checkout, await addedPaths(managed, ports));
  const way = { base, to, interruptedAt: null };
  const paths = added.map(({ path }) => path);
  await keepEdits(way, managed, ports, paths);
  const directories = new Set(tracked.directories);
  const mayGo = (path: string) =>
    path !== "." && isAtLink(path, links) && !directories.has(path) && !links.some((link) => link === path);
  await removeFiles(checkout, added, mayGo);
}

/** Gives git's directories at the links their owner, group and mode; answers what git has there. @throws Problem */
export async function giveDirectories(
  { store, service }: ManagedService,
  ports: CheckoutPorts,
): Promise<Tracked> {
  const where = { store, checkout: service.checkout, access: await accessOf(service, ports.findGroup) };
  const tracked = await trackedAt(where, linksOf(service), ports.tools.git);
  await restoreDirectories(where, tracked);
  return tracked;
}

async function addedPaths({ store, service }: ManagedService, ports: CheckoutPorts): Promise<string[]> {
  const seen = await observeNow({ store, service }, ports);
  if (seen.is !== "present") return [];
  if (seen.flooded) {
    const what = `Cannot heal ${JSON.stringify(service.checkout)}`;
    const why = `it has ${renderFlood(floodOf(service, seen.edits))}; move them away`;
    throw new Problem("git", `${what}: ${why}`, { code: "local-edits" });
  }
  return seen.edits.flatMap(({ path, untracked }) =>
    untracked && isAtLink(path, linksOf(service)) && isRemovable(path) ? [path] : [],
  );
}
