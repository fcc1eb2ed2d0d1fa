/** Keeps a store small: every fetch leaves a pack, and every file that was looked at stays. */
import { join } from "node:path";
import { listDirectory } from "../../platform/files/list-directory.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";

/** As `gc.autoPackLimit`: above it git itself would find looking things up too slow. */
export const packsMax = 50;

const packTimeoutMs = 30 * 60_000;

const entriesMax = 10_000;

/** How many packs the store has, from one look at the first entries of its directory. */
export function countPacks({ path }: Pick<Store, "path">): number {
  try {
    const names = listDirectory(join(path, "objects/pack")).map(({ entry }) => entry.name);
    return names.take(entriesMax).reduce((sum, name) => sum + Number(name.endsWith(".pack")), 0);
  } catch {
    // What is wrong with it, git will say.
    return 0;
  }
}

/**
 * One pack instead of many, and no half written ones. Other gits may work there meanwhile: what they add stays, and
 * what they read they find in the new pack. One thread and little memory, so that nobody notices. Refs are not packed:
 * there is one for every branch of the config. @throws ExecFailure
 */
export async function packStore(store: Store, git: Git, signal: AbortSignal): Promise<void> {
  const options = { account: store.account, timeoutMs: packTimeoutMs, signal };
  const modest = ["-c", "pack.threads=1", "-c", "pack.windowMemory=32m", "-c", "repack.writeBitmaps=false"];
  await git({ store: store.path }, [...modest, "repack", "-a", "-d", "-q"], options);
  // Nothing here is made outside of a pack and needed later; a day is more than any git of ours takes.
  await git({ store: store.path }, ["prune", "--expire=1.day.ago", "--exclude-promisor-objects"], options);
}

/** What the store takes of its disk, in bytes. @throws ExecFailure */
export async function measureStore(store: Store, exec: Exec): Promise<number> {
  const argv = ["du", "--summarize", "--block-size=1", "--one-file-system", "--", store.path];
  // 1: files went while it counted.
  const options = { account: store.account, timeoutMs: 60_000, tied: true, okStatus: [0, 1] };
  const { stdout } = await exec(argv, options);
  return Number(stdout.split("\t")[0]);
}
