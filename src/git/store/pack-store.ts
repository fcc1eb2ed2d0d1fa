/** Keeps a store small: every fetch leaves a pack, and fetched files stay. */
import { join } from "node:path";
import { listDirectory } from "../../platform/files/list-directory.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";

/** As `gc.autoPackLimit`: with more packs look-ups are slow. */
export const packsMax = 50;

const packTimeoutMs = 30 * 60_000;

const entriesMax = 10_000;

/** How many packs the store has. Reads only the first entries of its directory. */
export function countPacks({ path }: Pick<Store, "path">): number {
  try {
    const names = listDirectory(join(path, "objects/pack")).map(({ entry }) => entry.name);
    return names.take(entriesMax).reduce((sum, name) => sum + Number(name.endsWith(".pack")), 0);
  } catch {
    // Git reports what is wrong with the directory.
    return 0;
  }
}

/**
 * Replaces all packs by one and removes half-written ones. Other gits may work meanwhile: what they add stays, and they
 * find what they read in the new pack. Uses one thread and little memory. Refs are not packed, because there is only
 * one per branch of the config. @throws ExecFailure
 */
export async function packStore(store: Store, git: Git, signal: AbortSignal): Promise<void> {
  const options = { timeoutMs: packTimeoutMs, signal };
  const modest = ["-c", "pack.threads=1", "-c", "pack.windowMemory=32m", "-c", "repack.writeBitmaps=false"];
  await git(store, [...modest, "repack", "-a", "-d", "-q"], options);
  // Only leftovers are outside of packs here; no git of ours takes longer than a day.
  await git(store, ["prune", "--expire=1.day.ago", "--exclude-promisor-objects"], options);
}

/** The disk usage of the store in bytes; its user may have put very many files there. @throws ExecFailure */
export async function measureStore(store: Store, exec: Exec, timeoutMs = 60_000): Promise<number> {
  const argv = ["du", "--summarize", "--block-size=1", "--one-file-system", "--", store.path];
  // Exit status 1: files were removed while du counted.
  const options = { account: store.account, timeoutMs, tied: true, okStatus: [0, 1] };
  const { stdout } = await exec(argv, options);
  return Number(stdout.split("\t")[0]);
}
