/** Saves what a deployment is about to overwrite. */
import { join } from "node:path";
import { observeCheckout } from "../../git/checkout/checkout.ts";
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
import { patchesDir, storesDir } from "../../platform/files/state-paths.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";

interface Overwrite {
  readonly base: Commit;
  readonly to: Commit;
  /** Where a checkout that was cut off was going to. */
  readonly interruptedAt: Commit | null;
}

/** `more`: what is at risk besides. @throws Problem when it cannot be saved: then nothing may be overwritten */
export async function keepEdits(
  way: Overwrite,
  managed: ManagedService,
  context: Context,
  more: readonly string[] = [],
): Promise<void> {
  const { service } = managed;
  const paths = [...new Set([...(await atRisk(way, managed, context)), ...more])];
  if (paths.length === 0) return;
  const saved = await savePaths(way.base, paths, managed, context);
  if (saved.length > 0)
    context.log.warn(
      { service: service.name, patch: saved[0], saved, paths: paths.map(showPath) },
      "saved local edits before overwriting them",
    );
}

async function atRisk(
  { base, to, interruptedAt }: Overwrite,
  managed: ManagedService,
  context: Context,
): Promise<string[]> {
  const { store, service } = managed;
  const { git, stateDir, records } = context;
  const where = { store, checkout: service.checkout };
  const seen = await observeCheckout({ store, checkout: service.checkout }, git, {
    storesDir: storesDir(stateDir),
  });
  if (seen.is !== "present") return [];
  const { head, commit } = records.get(service.name);
  const edits = head === null ? await existingEdits(service.checkout, seen.edits) : seen.edits;
  const committed = seen.head === base ? [] : await changedPaths(where, base, git);
  const ours = head === null ? [interruptedAt, commit].filter((id) => id !== null) : [];
  return editsAtRisk(where, [...edits, ...committed], { base, to, ours }, git);
}

/** What git's user cannot read is copied as it is, beside the patch; answers where all is. */
async function savePaths(
  base: Commit,
  paths: readonly string[],
  { store, service }: ManagedService,
  { git, clock, stateDir }: Context,
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
