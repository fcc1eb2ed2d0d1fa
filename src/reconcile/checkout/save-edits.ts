/** Saves what a deployment is about to overwrite. */
import { join } from "node:path";
import {
  assertSavable,
  changedPaths,
  editsAtRisk,
  existingEdits,
  patchName,
  saveEdits,
} from "../../git/edits/edits.ts";
import { copyFiles, unreadableAmong } from "../../git/edits/unreadable.ts";
import type { Commit } from "../../model/commit.ts";
import { showPath } from "../../model/text/path-bytes.ts";
import { patchesDir } from "../../platform/files/state-paths.ts";
import { headOf } from "../../rollout/phase.ts";
import type { ManagedService } from "../managed-service.ts";
import type { StepOf } from "../ports.ts";
import { observeNow } from "./observe-checkout.ts";
import type { CheckoutPorts } from "./ports.ts";

type Overwrite = Omit<StepOf<"save-edits">, "do">;

/** `more`: what is at risk besides. @throws Problem when it cannot be saved: then nothing may be overwritten */
export async function keepEdits(
  way: Overwrite,
  managed: ManagedService,
  ports: CheckoutPorts,
  more: readonly string[] = [],
): Promise<void> {
  const { service } = managed;
  const paths = [...new Set([...(await atRisk(way, managed, ports)), ...more])];
  if (paths.length === 0) return;
  const saved = await savePaths(way.base, paths, managed, ports);
  if (saved.length > 0)
    ports.log.warn(
      { service: service.name, patch: saved[0], saved, paths: paths.map(showPath) },
      "saved local edits before overwriting them",
    );
}

async function atRisk(
  { base, to, interruptedAt }: Overwrite,
  managed: ManagedService,
  ports: CheckoutPorts,
): Promise<string[]> {
  const { store, service } = managed;
  const { tools, records } = ports;
  const where = { store, checkout: service.checkout };
  const seen = await observeNow(managed, ports);
  if (seen.is !== "present") return [];
  const { phase, commit } = records.get(service.name);
  const head = headOf(phase);
  const edits = head === null ? await existingEdits(service.checkout, seen.edits) : seen.edits;
  const committed = seen.head === base ? [] : await changedPaths(where, base, tools.git);
  const ours = head === null ? [interruptedAt, commit].filter((id) => id !== null) : [];
  return editsAtRisk(where, [...edits, ...committed], { base, to, ours }, tools.git);
}

/** What git's user cannot read is copied as it is, beside the patch; answers where all is. */
async function savePaths(
  base: Commit,
  paths: readonly string[],
  { store, service }: ManagedService,
  { tools: { git }, clock, stateDir }: CheckoutPorts,
): Promise<string[]> {
  const { name, checkout } = service;
  const patches = patchesDir(stateDir, name);
  const now = clock.now();
  await assertSavable(checkout, paths);
  const unreadable = new Set(await unreadableAmong(checkout, paths, store.account));
  const readable = paths.filter((path) => !unreadable.has(path));
  const patch =
    readable.length === 0
      ? null
      : await saveEdits({ store, checkout, patches }, base, readable, { git, now });
  if (unreadable.size === 0) return patch === null ? [] : [patch];
  const files = join(patches, `${patchName(now, base)}.files`);
  await copyFiles(checkout, [...unreadable], files);
  return patch === null ? [files] : [patch, files];
}
