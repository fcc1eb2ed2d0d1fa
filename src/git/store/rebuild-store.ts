/** Rebuilds a store beside the old one, and swaps them. Checkouts keep their files and their pointers. */
import { existsSync, renameSync } from "node:fs";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import { fetchCommit } from "../fetch/fetch-objects.ts";
import { askUpstream } from "../fetch/poll-upstream.ts";
import type { Store } from "../types.ts";
import { brokenPath, removeBroken, removeTree, type StoreTools } from "./store.ts";
import { configureStore, formatOf, kindOf, writeAs } from "./store-config.ts";

export interface StoreContents {
  readonly branches: readonly string[];
  /** Commits that services have or are held at; they are fetched even if no branch has them any more. */
  readonly commits: readonly Commit[];
  readonly signal: AbortSignal;
  /** Runs `work` while no git of ours is at work in the store. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Fetches everything before the old store is touched. Afterwards the old store is `<store>.broken`, for `removeBroken`,
 * and the checkouts have no worktree metadata; `rebuildWorktreeMetadata` makes it.
 * @throws Problem when upstream cannot be reached; nothing has changed then
 */
export async function rebuildStore(store: Store, contents: StoreContents, tools: StoreTools): Promise<void> {
  const fresh: Store = { ...store, path: `${store.path}.new` as AbsPath };
  await removeTree(fresh.path, tools.exec);
  const { signal, branches } = contents;
  const tips = await askUpstream(fresh, branches, tools, { signal, known: null });
  for (const commit of new Set(contents.commits))
    await bring(commit, [...tips.values()], { old: store, fresh }, tools);
  const kept = { format: formatOf(fresh), kind: kindOf(fresh) };
  await configureStore(fresh, { place: store, ...kept }, tools.exec);
  await contents.alone(() => swap(store, fresh, tools.exec));
}

/** From upstream, else from the old store. A commit that neither has is lost, and only its own service misses it. */
async function bring(
  commit: Commit,
  tips: readonly Commit[],
  { old, fresh }: { readonly old: Store; readonly fresh: Store },
  { git, exec }: StoreTools,
): Promise<void> {
  try {
    await fetchCommit(fresh, commit, git);
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    // Only the objects of the old store are used; other damage in it does not matter.
    const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: `${old.path}/objects` };
    const args = ["pack-objects", "-q", "--revs", "--missing=allow-any", `${fresh.path}/objects/pack/pack`];
    const options = { env, input: [commit, ...tips.map((tip) => `^${tip}`), ""].join("\n") };
    const packed = await git(fresh, args, options).catch(() => null);
    const id = packed && /^[0-9a-f]+$/m.exec(packed.stdout)?.[0];
    // Marked as partial, like all fetched objects: blobs may be missing.
    if (id) await writeAs(fresh, exec, `objects/pack/pack-${id}.promisor`, "");
  }
}

async function swap(store: Store, fresh: Store, exec: Exec): Promise<void> {
  await removeBroken(store, exec);
  // Both are in a directory of root, where no other user can replace them.
  if (existsSync(store.path)) renameSync(store.path, brokenPath(store));
  renameSync(fresh.path, store.path);
}
